package store

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// Branding is how an organisation shows itself on the pages, besides its name. All of it is text, never HTML.
type Branding struct {
	Accent    string   `json:"accent"`    // #rrggbb; "": the usual one
	Footer    string   `json:"footer"`    // on every page
	Welcome   string   `json:"welcome"`   // on the front door and on the join page
	Privacy   string   `json:"privacy"`   // address of a page about what happens with data
	Downloads string   `json:"downloads"` // address of a page with more programs
	Allowed   []string `json:"allowed"`   // what customers may be asked for; nil: everything
}

// setting reads a setting; "" when it was never set.
func (s *DB) setting(ctx context.Context, name string) (string, error) {
	var v string
	err := s.read.QueryRowContext(ctx, `SELECT value FROM setting WHERE name = ?`, name).Scan(&v)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("setting %s: %w", name, err)
	}
	return v, nil
}

func (s *DB) setSetting(ctx context.Context, name, value string) error {
	_, err := s.exec(ctx, "set "+name, `INSERT INTO setting (name, value) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	return err
}

const (
	settingBranding = "branding"
	settingLogo     = "logo"
)

// Branding returns how the organisation shows itself.
func (s *DB) Branding(ctx context.Context) (Branding, error) {
	var b Branding
	text, err := s.setting(ctx, settingBranding)
	if err != nil || text == "" {
		return b, err
	}
	if err := json.Unmarshal([]byte(text), &b); err != nil {
		return Branding{}, fmt.Errorf("branding: %w", err)
	}
	return b, nil
}

// SetBranding changes that.
func (s *DB) SetBranding(ctx context.Context, b Branding) error {
	data, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("branding: %w", err)
	}
	return s.setSetting(ctx, settingBranding, string(data))
}

// Logo returns the organisation's logo, a PNG; nil when there is none.
func (s *DB) Logo(ctx context.Context) ([]byte, error) {
	text, err := s.setting(ctx, settingLogo)
	if err != nil || text == "" {
		return nil, err
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("logo: %w", err)
	}
	return data, nil
}

// SetLogo changes the logo; nil is none.
func (s *DB) SetLogo(ctx context.Context, png []byte) error {
	return s.setSetting(ctx, settingLogo, base64.StdEncoding.EncodeToString(png))
}
