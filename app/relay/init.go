package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/mattn/go-isatty"

	"handrail/session/relay/store"
)

// initCmd writes the settings of a new relay. What no flag says is asked, when there is somebody to ask.
type initCmd struct {
	File         string `placeholder:"FILE" help:"Settings file to write (default: /etc/handrail/relay.toml for root, else relay.toml here)."`
	Data         string `placeholder:"DIR" help:"Folder of the relay's data (default: /var/lib/handrail-relay for root, else relay-data here)."`
	Domain       string `placeholder:"NAME" help:"Name under which others reach the relay, such as relay.example.org; certificates are then fetched automatically."`
	BehindProxy  bool   `help:"A proxy in front of the relay terminates TLS for that name."`
	Organisation string `placeholder:"TEXT" help:"Name of the organisation, which customers see."`
	Ask          bool   `help:"Ask although this is no terminal."`
	mailFlags
}

const (
	rootData = "/var/lib/handrail-relay"
	ownData  = "relay-data"
	ownFile  = "relay.toml"
)

func (c initCmd) Run(ctx context.Context, p *Program) error {
	root := os.Geteuid() == 0
	file, data := ownFile, ownData
	if root {
		file, data = configPath, rootData
	}
	if c.File == "" {
		c.File = file
	}
	if _, err := os.Lstat(c.File); err == nil {
		return fmt.Errorf("there are settings in %s already; edit them, or move them away first", c.File)
	}
	if c.Ask || terminal(p.Stdin) {
		if err := c.ask(p, data); err != nil {
			return err
		}
	}
	if c.Data == "" {
		c.Data = data
	}
	var err error
	if c.Data, err = filepath.Abs(c.Data); err != nil {
		return fmt.Errorf("the data folder cannot be found: %w", err)
	}
	if c.SMTPPasswordFile != "" {
		if c.SMTPPasswordFile, err = filepath.Abs(c.SMTPPasswordFile); err != nil {
			return fmt.Errorf("the password file cannot be found: %w", err)
		}
	}
	if c.BehindProxy && c.Domain == "" {
		return usageError("--behind-proxy needs --domain, the name that the proxy has")
	}
	if strings.ContainsAny(c.Domain, "/: ") {
		return usageError("--domain needs a name such as relay.example.org, without https:// and without a port")
	}
	if _, err := c.mailer(); err != nil {
		return err
	}
	return c.write(ctx, p)
}

// ask asks for what the flags have not said.
func (c *initCmd) ask(p *Program, data string) error {
	in := bufio.NewReader(p.Stdin)
	fmt.Fprintln(p.Stdout, "A few questions; Return takes what stands in brackets.")
	for _, q := range []struct {
		to       *string
		question string
		standard string
		skip     func() bool
	}{
		{&c.Domain, "Under which name will others reach the relay, such as relay.example.org? Nothing: only this computer, to try it out", "", nil},
		{&c.Data, "In which folder does it keep its data?", data, nil},
		{&c.Organisation, "What is your organisation called? Customers see it", "", nil},
		{&c.SMTP, "Which mail server sends invitations, such as mail.example.org:587? Nothing: none", "", nil},
		{&c.MailFrom, "Who are mails from, such as help@example.org?", "", func() bool { return c.SMTP == "" }},
		{&c.SMTPUser, "What is the relay's name at the mail server? Nothing: it needs none", "", func() bool { return c.SMTP == "" }},
		{&c.SMTPPasswordFile, "In which file is its password there?", "", func() bool { return c.SMTPUser == "" }},
	} {
		if *q.to != "" || q.skip != nil && q.skip() {
			continue
		}
		fmt.Fprintf(p.Stdout, "%s [%s] ", q.question, q.standard)
		line, err := in.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("the answer cannot be read: %w", err)
		}
		if *q.to = strings.TrimSpace(line); *q.to == "" {
			*q.to = q.standard
		}
	}
	fmt.Fprintln(p.Stdout)
	return nil
}

func terminal(in io.Reader) bool {
	f, ok := in.(*os.File)
	return ok && (isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd()))
}

// settingsText is the file that init writes. quoted writes a TOML text.
var settingsText = template.Must(template.New("").Funcs(template.FuncMap{"quoted": quoted}).Parse(
	`# Settings of a Handrail relay. "handrail-relay serve" reads them; each name is that of a flag, and a flag on the
# command line counts more. "handrail-relay serve --help" has all of them. A line with # in front does nothing.

# Folder of the relay's data: its database, the programs to download (in downloads), certificates.
data = {{quoted .Data}}
{{if .BehindProxy}}
# A reverse proxy in front terminates TLS, and passes everything on to this port.
listen = "127.0.0.1:8470"
behind-proxy = true
# Whose X-Forwarded-For is believed.
trust-proxy = ["127.0.0.1/32"]
# Address under which people reach the relay, for links in mails.
url = {{quoted (print "https://" .Domain)}}
{{else if .Domain}}
# All addresses of this computer. Port 443 must be reachable from the Internet.
listen = ":443"
# Certificates for this name come from Let's Encrypt, by themselves, and are renewed by themselves.
domain = [{{quoted .Domain}}]
# From an authority of your own that speaks ACME, instead of Let's Encrypt; the root only if this computer does not trust it anyway.
# acme-directory = "https://ca.example.org/acme/acme/directory"
# acme-root = "/etc/handrail/authority.pem"
# Certificates of your own instead:
# cert = "/etc/handrail/fullchain.pem"
# key = "/etc/handrail/key.pem"
{{else}}
# Only this computer, without TLS, to try things out. For others, put a name that leads here into domain and
# let it listen on ":443".
listen = "127.0.0.1:8470"
# domain = ["relay.example.org"]
{{end}}
# Mails: invitations, and links with which people set a password.
{{if .SMTP}}smtp = {{quoted .SMTP}}
smtp-security = {{quoted (print .SMTPSecurity)}}
mail-from = {{quoted .MailFrom}}
{{if .SMTPUser}}smtp-user = {{quoted .SMTPUser}}
{{end}}{{if .SMTPPasswordFile}}# The first line of this file is the password; nobody but the relay's user should be able to read it.
smtp-password-file = {{quoted .SMTPPasswordFile}}
{{end}}{{else}}# smtp = "mail.example.org:587"
# smtp-security = "starttls"                     # or "tls" (port 465), or "none" for a server on this computer
# smtp-user = "help@example.org"
# smtp-password-file = "/etc/handrail/smtp-password"
# mail-from = "Example Help Desk <help@example.org>"
{{end}}
# Counters for Prometheus, on an address of their own.
# metrics = "127.0.0.1:9470"

# One line of JSON for each line of the log.
# log-format = "json"
`))

// quoted is a TOML basic string.
func quoted(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// write makes the data folder and the settings, and says what to do next.
func (c initCmd) write(ctx context.Context, p *Program) error {
	if c.Organisation != "" {
		if _, err := store.CleanName(c.Organisation); err != nil {
			return fmt.Errorf("this cannot be the organisation's name: %w", err)
		}
	}
	var text bytes.Buffer
	if err := settingsText.Execute(&text, c); err != nil {
		return fmt.Errorf("the settings cannot be written: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(c.Data, "downloads"), 0o700); err != nil {
		return fmt.Errorf("the data folder cannot be made: %w", err)
	}
	if c.Organisation != "" {
		db, err := dataFlag{Data: c.Data}.open(ctx, true)
		if err != nil {
			return err
		}
		if err := errors.Join(db.SetOrganisation(ctx, c.Organisation), db.Close()); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Dir(c.File), 0o755); err != nil {
		return fmt.Errorf("the settings cannot be written: %w", err)
	}
	out, err := os.OpenFile(c.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("the settings cannot be written: %w", err)
	}
	if _, err := out.Write(text.Bytes()); err != nil {
		out.Close()
		return fmt.Errorf("the settings cannot be written: %w", err)
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("the settings cannot be written: %w", err)
	}
	serve := "handrail-relay serve"
	if c.File != configPath {
		serve += " --config " + c.File
	}
	_, err = fmt.Fprintf(p.Stdout, "The settings are in %s; put the programs for your customers into %s.\nNow start the relay:\n\n    %s\n\n"+
		"When it starts for the first time, it prints a link with which you choose the administrator's password.\n",
		c.File, filepath.Join(c.Data, "downloads"), serve)
	return err
}
