package link

import "golang.org/x/sys/windows/registry"

const internetSettings = `Software\Microsoft\Windows\CurrentVersion\Internet Settings`

// readSystem reads the person's setting, or else that of services.
func readSystem() systemSetting {
	var s systemSetting
	if key, err := registry.OpenKey(registry.CURRENT_USER, internetSettings, registry.QUERY_VALUE); err == nil {
		enabled, _, _ := key.GetIntegerValue("ProxyEnable")
		server, _, _ := key.GetStringValue("ProxyServer")
		override, _, _ := key.GetStringValue("ProxyOverride")
		script, _, _ := key.GetStringValue("AutoConfigURL")
		key.Close()
		s = parseWindows(enabled != 0, server, override, script)
	}
	if s.proxy != "" || s.auto {
		return s
	}
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, internetSettings+`\Connections`, registry.QUERY_VALUE)
	if err != nil {
		return s
	}
	defer key.Close()
	blob, _, err := key.GetBinaryValue("WinHttpSettings")
	if err != nil {
		return s
	}
	return parseWinHTTP(blob)
}
