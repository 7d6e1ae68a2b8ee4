package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"handrail/session/relay/mail"
)

// mailFlags say how the relay sends mails.
type mailFlags struct {
	SMTP             string        `name:"smtp" placeholder:"SERVER" help:"Mail server for invitations, such as mail.example.org:587; without one the relay sends no mails."`
	SMTPSecurity     mail.Security `name:"smtp-security" enum:"starttls,tls,none" default:"starttls" help:"starttls, tls (from the first byte, port 465), or none for a server on this computer."`
	SMTPUser         string        `name:"smtp-user" placeholder:"NAME" help:"Name at the mail server."`
	SMTPPasswordFile string        `name:"smtp-password-file" placeholder:"FILE" help:"File whose first line is the password at the mail server."`
	MailFrom         string        `placeholder:"ADDRESS" help:"Who mails are from, such as \"Example Help Desk <help@example.org>\"."`
}

// mailer is what sends mails; nil when the flags name no server.
func (f mailFlags) mailer() (*mail.Mailer, error) {
	if f.SMTP == "" {
		return nil, nil
	}
	cfg := mail.Config{Server: f.SMTP, Security: f.SMTPSecurity, From: f.MailFrom, User: f.SMTPUser}
	if f.SMTPPasswordFile != "" {
		var err error
		if cfg.Password, err = firstLine(f.SMTPPasswordFile); err != nil {
			return nil, fmt.Errorf("the mail server's password cannot be read: %w", err)
		}
	}
	m, err := mail.New(cfg)
	if err != nil {
		return nil, usageError(err.Error())
	}
	return m, nil
}

// maxLine bounds the first line of a file with a secret, in bytes.
const maxLine = 1024

func firstLine(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	line, err := bufio.NewReader(io.LimitReader(file, maxLine)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

type mailCmd struct {
	To       string `arg:"" help:"Address to send a mail to."`
	Language string `default:"en" help:"en, sl, de, nb or ko."`
	mailFlags
}

// Run sends a mail that says that mails arrive.
func (c mailCmd) Run(ctx context.Context, p *Program) error {
	m, err := c.mailer()
	if err != nil {
		return err
	}
	if m == nil {
		return usageError("--smtp is missing: the mail server")
	}
	if err := m.Try(ctx, c.To, c.Language); err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.Stdout, "The mail server has taken the mail. See whether it arrives.")
	return err
}
