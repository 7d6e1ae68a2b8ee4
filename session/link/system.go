package link

import (
	"bufio"
	"encoding/binary"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// systemSetting is what the operating system's settings say about proxies.
type systemSetting struct {
	proxy  string   // host:port or an address; "": none
	except []string // hosts that are reached directly: names, *.names, networks, <local>
	auto   bool     // the system wants a script to be asked (PAC, WPAD), which this program does not
}

// proxyFor is the proxy for an address, or nil.
func (s systemSetting) proxyFor(u *url.URL) *url.URL {
	if s.proxy == "" {
		return nil
	}
	address := s.proxy
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	var plain []string
	for _, e := range s.except {
		switch e = strings.TrimSpace(e); {
		case strings.EqualFold(e, "<local>"):
			if !strings.Contains(u.Hostname(), ".") && net.ParseIP(u.Hostname()) == nil {
				return nil
			}
		default:
			plain = append(plain, strings.TrimPrefix(e, "*"))
		}
	}
	config := httpproxy.Config{HTTPSProxy: address, HTTPProxy: address, NoProxy: strings.Join(plain, ",")}
	proxy, err := config.ProxyFunc()(u)
	if err != nil || proxy == nil || proxy.Hostname() == "" {
		return nil // also what is no address at all: it must not be taken for one
	}
	return proxy
}

// environmentProxy says whether the environment names a proxy, which then decides about everything.
func environmentProxy() bool {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		if os.Getenv(name) != "" {
			return true
		}
	}
	return false
}

// systemLife is how long the system's setting is believed before it is read again: people change it while programs run.
const systemLife = 20 * time.Second

var system struct {
	mu      sync.Mutex
	setting systemSetting
	read    time.Time
}

// theSystems is the system's setting. Each system has its readSystem.
func theSystems() systemSetting {
	system.mu.Lock()
	defer system.mu.Unlock()
	if system.read.IsZero() || time.Since(system.read) > systemLife {
		system.setting, system.read = readSystem(), time.Now()
	}
	return system.setting
}

// parseGNOME reads what "gsettings list-recursively org.gnome.system.proxy" prints: schema, key and value a line.
func parseGNOME(text string) systemSetting {
	values := map[string]string{}
	for line := range strings.Lines(text) {
		schema, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		key, value, _ := strings.Cut(rest, " ")
		values[strings.TrimPrefix(strings.TrimPrefix(schema, "org.gnome.system.proxy"), ".")+"/"+key] = value
	}
	quoted := func(name string) string { return strings.Trim(values[name], "'\"") }
	s := systemSetting{auto: quoted("/mode") == "auto"}
	if quoted("/mode") != "manual" {
		return s
	}
	for _, kind := range []string{"https", "http"} {
		if host, port := quoted(kind+"/host"), quoted(kind+"/port"); host != "" && port != "0" && port != "" {
			s.proxy = net.JoinHostPort(host, port)
			break
		}
	}
	if user := quoted("http/authentication-user"); s.proxy != "" && user != "" && quoted("http/use-authentication") == "true" {
		u := url.URL{Scheme: "http", Host: s.proxy, User: url.UserPassword(user, quoted("http/authentication-password"))}
		s.proxy = u.String()
	}
	list := strings.Trim(strings.TrimPrefix(values["/ignore-hosts"], "@as"), " []")
	for e := range strings.SplitSeq(list, ",") {
		if e = strings.Trim(strings.TrimSpace(e), "'\""); e != "" {
			s.except = append(s.except, e)
		}
	}
	return s
}

// parseKDE reads kioslaverc.
func parseKDE(text string) systemSetting {
	values, section := map[string]string{}, ""
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if strings.HasPrefix(line, "[") {
			section = line
			continue
		}
		if key, value, ok := strings.Cut(line, "="); ok && section == "[Proxy Settings]" {
			key, _, _ = strings.Cut(key, "[") // [$e] and the like
			values[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	s := systemSetting{auto: values["ProxyType"] == "2" || values["ProxyType"] == "3"}
	if values["ProxyType"] != "1" {
		return s
	}
	for _, name := range []string{"httpsProxy", "httpProxy"} {
		address := strings.Fields(values[name]) // "http://proxy.example.org 3128", or with a colon
		switch len(address) {
		case 1:
			s.proxy = address[0]
		case 2:
			s.proxy = strings.TrimSuffix(address[0], "/") + ":" + address[1]
		}
		if s.proxy != "" {
			break
		}
	}
	for e := range strings.SplitSeq(values["NoProxyFor"], ",") {
		if e = strings.TrimSpace(e); e != "" {
			s.except = append(s.except, e)
		}
	}
	return s
}

// parseWindows reads the values of the registry's "Internet Settings".
func parseWindows(enabled bool, server, override, script string) systemSetting {
	s := systemSetting{auto: script != ""}
	if !enabled {
		return s
	}
	for part := range strings.SplitSeq(server, ";") { // one for all, or "http=…;https=…"
		kind, address, several := strings.Cut(strings.TrimSpace(part), "=")
		switch {
		case !several:
			s.proxy = kind
		case kind == "https", kind == "http" && s.proxy == "":
			s.proxy = address
		}
	}
	for e := range strings.SplitSeq(override, ";") {
		if e = strings.TrimSpace(e); e != "" {
			s.except = append(s.except, e)
		}
	}
	return s
}

// parseWinHTTP reads the setting of services ("netsh winhttp"): three numbers, of which the last has bit 1 when there is a
// proxy, and two texts with their lengths.
func parseWinHTTP(blob []byte) systemSetting {
	if len(blob) < 12 || binary.LittleEndian.Uint32(blob[8:])&2 == 0 {
		return systemSetting{}
	}
	rest := blob[12:]
	next := func() string {
		if len(rest) < 4 {
			return ""
		}
		n := binary.LittleEndian.Uint32(rest)
		rest = rest[4:]
		if uint64(n) > uint64(len(rest)) {
			rest = nil
			return ""
		}
		text := string(rest[:n])
		rest = rest[n:]
		return text
	}
	server := next()
	return parseWindows(true, server, next(), "")
}

// parseMac reads what "scutil --proxy" prints.
func parseMac(text string) systemSetting {
	values, inList := map[string]string{}, false
	var s systemSetting
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		key, value, ok := strings.Cut(line, " : ")
		switch {
		case line == "}":
			inList = false
		case !ok:
		case strings.HasSuffix(value, "{"):
			inList = key == "ExceptionsList"
		case inList:
			s.except = append(s.except, value)
		default:
			values[key] = value
		}
	}
	s.auto = values["ProxyAutoConfigEnable"] == "1" || values["ProxyAutoDiscoveryEnable"] == "1"
	for _, kind := range []string{"HTTPS", "HTTP"} {
		if values[kind+"Enable"] == "1" && values[kind+"Proxy"] != "" {
			s.proxy = net.JoinHostPort(values[kind+"Proxy"], values[kind+"Port"])
			break
		}
	}
	return s
}
