package operatorui

import (
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"handrail/session"
	"handrail/session/operator"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// facts lists what is known of the customer's side. What is not known is left out.
func facts(info operator.Info, permissions bool) fyne.CanvasObject {
	rows := []fyne.CanvasObject{}
	add := func(icon, key, value string) {
		if value == "" {
			return
		}
		rows = append(rows, kit.Row(12, kit.NewIcon(icon, 18, theme.Muted),
			kit.Fill(kit.Column(1, kit.Hint(text.T(key)), kit.Para(value)))))
	}
	add("monitor", "fact.computer", info.Customer.Name)
	add("network", "fact.address", info.Address)
	add("cpu", "fact.system", info.Customer.System)
	if info.Desktop.Width > 0 {
		screen := pixelSize(info.Desktop.Width, info.Desktop.Height)
		if n := len(info.Desktop.Monitors); n > 1 {
			screen += ", " + text.N("fact.monitors", n)
		}
		add("maximize", "fact.screen", screen)
	}
	if permissions {
		add("shield-check", "fact.allowed", permissionNames(info.Permissions))
	}
	if !info.Started.IsZero() {
		add("clock", "fact.started", text.Clock(info.Started)+" · "+text.Minutes(length(info)))
	}
	if len(rows) == 0 {
		rows = append(rows, kit.Hint(text.T("fact.none")))
	}
	return kit.Column(14, rows...)
}

func length(info operator.Info) time.Duration {
	if !info.Ended.IsZero() {
		return info.Ended.Sub(info.Started)
	}
	return now().Sub(info.Started)
}

func permissionNames(p session.Permissions) string {
	names := []string{}
	for _, one := range p.List() {
		names = append(names, text.Permission(one))
	}
	if len(names) == 0 {
		return text.T("permission.none")
	}
	return strings.Join(names, ", ")
}

// factsKey changes when facts would look different.
func factsKey(info operator.Info) string {
	if info.State == session.Reconnecting {
		return text.Reconnecting(info.Lost) // each second says something new
	}
	return fmt.Sprint(info.State, info.Customer, info.Address, info.Permissions, info.Desktop.Width, info.Desktop.Height,
		len(info.Desktop.Monitors), text.Minutes(length(info)))
}
