package admin

import (
	"bytes"
	"context"
	"image"
	_ "image/jpeg" // logos come in this form too
	"image/png"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/image/draw"

	"handrail/session/relay/store"
)

// Appearance is how an organisation shows itself.
type Appearance struct {
	Organisation string `json:"organisation"`
	store.Branding
}

// Appearance returns it.
func (o *Office) Appearance(ctx context.Context) (Appearance, error) {
	var a Appearance
	var err error
	if a.Organisation, err = o.Store.Organisation(ctx); err != nil {
		return a, err
	}
	a.Branding, err = o.Store.Branding(ctx)
	return a, err
}

// Permissions are what customers can be asked for; the first is always allowed, since nothing goes without it.
var Permissions = []string{"view", "control", "files", "clipboard", "sysinfo", "whiteboard"}

const (
	maxText    = 1000 // characters
	maxAddress = 300  // bytes
)

var colour = regexp.MustCompile(`^#[0-9a-f]{6}$`)

// SetAppearance changes it.
func (o *Office) SetAppearance(ctx context.Context, a Appearance) error {
	if a.Organisation = strings.TrimSpace(a.Organisation); a.Organisation != "" {
		name, err := store.CleanName(a.Organisation)
		if err != nil {
			return ErrName
		}
		a.Organisation = name
	}
	if a.Accent = strings.ToLower(strings.TrimSpace(a.Accent)); a.Accent != "" && !colour.MatchString(a.Accent) {
		return ErrColour
	}
	for _, text := range []*string{&a.Footer, &a.Welcome} {
		*text = strings.TrimSpace(strings.ReplaceAll(*text, "\r\n", "\n"))
		if !utf8.ValidString(*text) || utf8.RuneCountInString(*text) > maxText || strings.ContainsFunc(*text, unwanted) {
			return ErrText
		}
	}
	for _, address := range []*string{&a.Privacy, &a.Downloads} {
		if *address = strings.TrimSpace(*address); *address != "" && !isAddress(*address) {
			return ErrAddress
		}
	}
	for _, p := range a.Allowed {
		if !slices.Contains(Permissions, p) {
			return ErrAllowed
		}
	}
	if a.Allowed != nil && !slices.Contains(a.Allowed, Permissions[0]) {
		return ErrAllowed
	}
	if len(a.Allowed) >= len(Permissions) {
		a.Allowed = nil
	}
	if err := o.note(ctx, "changed appearance", a.Organisation); err != nil {
		return err
	}
	if err := o.Store.SetOrganisation(ctx, a.Organisation); err != nil {
		return err
	}
	return o.Store.SetBranding(ctx, a.Branding)
}

func unwanted(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }

// isAddress says whether a page may link there.
func isAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && len(text) <= maxAddress && u.Scheme == "https" && u.Host != "" && u.User == nil && !strings.ContainsFunc(text, unicode.IsSpace)
}

const (
	// MaxLogo bounds a logo as it is sent, in bytes.
	MaxLogo      = 512 << 10
	maxLogoSide  = 4000
	logoHeight   = 72 // twice that of the pages' head, for fine screens
	logoWidth    = 480
	maxLogoBytes = 24 << 10 // as it is served, since the join page must stay small
)

// SetLogo changes the logo to a PNG or JPEG picture; nil is none. The picture is drawn anew, in the size that the pages
// need, so that nothing but pixels comes through.
func (o *Office) SetLogo(ctx context.Context, data []byte) error {
	action := "removed logo"
	if data != nil {
		small, err := drawLogo(data)
		if err != nil {
			return err
		}
		action, data = "changed logo", small
	}
	return o.do(ctx, action, "", func() error { return o.Store.SetLogo(ctx, data) })
}

func drawLogo(data []byte) ([]byte, error) {
	if len(data) > MaxLogo {
		return nil, ErrLogo
	}
	// How large a picture says it is counts before any of it is unpacked.
	config, kind, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || kind != "png" && kind != "jpeg" || config.Width < 1 || config.Height < 1 || config.Width > maxLogoSide || config.Height > maxLogoSide {
		return nil, ErrLogo
	}
	from, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, ErrLogo
	}
	for height := logoHeight; height >= 18; height /= 2 {
		scale := min(1, float64(height)/float64(config.Height), float64(logoWidth)/float64(config.Width))
		to := image.NewNRGBA(image.Rect(0, 0, max(1, int(float64(config.Width)*scale)), max(1, int(float64(config.Height)*scale))))
		draw.CatmullRom.Scale(to, to.Bounds(), from, from.Bounds(), draw.Src, nil)
		var out bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, to); err != nil {
			return nil, ErrLogo
		}
		if out.Len() <= maxLogoBytes {
			return out.Bytes(), nil
		}
	}
	return nil, ErrLogo
}

// AbuseDone notes that somebody has looked into a report.
func (o *Office) AbuseDone(ctx context.Context, id string) error {
	return o.do(ctx, "looked into report of misuse", id, func() error { return o.Store.AbuseDone(ctx, id, o.now()) })
}
