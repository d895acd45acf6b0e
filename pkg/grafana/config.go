package grafana

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/template"
)

const (
	configFile         = "grafana.ini"
	provisioningFolder = "provisioning"
)

//go:embed grafana.ini
var configText string

var config = template.Must(template.New(configFile).Parse(configText))

// write creates the data folder and returns the port to listen on.
func (o Options) write() (port int, err error) {
	for _, path := range []string{o.Dir, o.Plugin, o.Definitions} {
		if strings.ContainsAny(path, "`\n") {
			return 0, fmt.Errorf("the path %q has a character that Grafana's configuration cannot hold", path)
		}
	}
	if err := os.MkdirAll(filepath.Join(o.Dir, "plugins"), 0o700); err != nil {
		return 0, fmt.Errorf("make the folder of Grafana's data: %w", err)
	}
	if err := os.CopyFS(filepath.Join(o.Dir, provisioningFolder), o.Provisioning); err != nil {
		return 0, fmt.Errorf("write Grafana's provisioning: %w", err)
	}
	port, err = freePort()
	if err != nil {
		return 0, err
	}
	var text strings.Builder
	if err := config.Execute(&text, struct {
		Options
		Port int
	}{o, port}); err != nil {
		return 0, err
	}
	return port, os.WriteFile(filepath.Join(o.Dir, configFile), []byte(text.String()), 0o600)
}

// The first is Grafana's default port; another Grafana may use it.
const firstPort, lastPort = 3000, 3019

func freePort() (int, error) {
	for port := firstPort; port <= lastPort; port++ {
		listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			return port, listener.Close()
		}
	}
	return 0, fmt.Errorf("none of the ports %d to %d is free for Grafana", firstPort, lastPort)
}

// environment returns that of this process, without variables that configure another Grafana.
func (o Options) environment() []string {
	kept := slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(strings.ToUpper(variable), "GF_") })
	return append(kept,
		"GF_PATHS_PROVISIONING="+filepath.Join(o.Dir, provisioningFolder),
		"ACCORD_PROMETHEUS_URL="+o.Prometheus)
}

const appID = "accord-sla-app"

// CheckHome returns an error if dir is not the home path of a Grafana.
func CheckHome(dir string) error {
	if _, err := os.Stat(executable(dir)); err != nil {
		return fmt.Errorf("%s is not the home path of a Grafana: it has no %s; give the folder of Grafana 12.3 or later, such as /usr/share/grafana",
			dir, filepath.Join("bin", filepath.Base(executable(dir))))
	}
	return nil
}

func executable(home string) string { return filepath.Join(home, "bin", program("grafana")) }

func program(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// CheckPlugin returns an error if dir is not the folder of a built plugin for this machine.
func CheckPlugin(dir string) error {
	const hint = "run go tool mage build, or give the folder of an installed plugin"
	text, err := os.ReadFile(filepath.Join(dir, "plugin.json"))
	if err != nil {
		return fmt.Errorf("there is no built plugin in %s: %s", dir, hint)
	}
	var manifest struct{ ID string }
	if err := json.Unmarshal(text, &manifest); err != nil || manifest.ID != appID {
		return fmt.Errorf("the plugin in %s is not %s: %s", dir, appID, hint)
	}
	backend := program(fmt.Sprintf("gpx_accord_%s_%s", runtime.GOOS, runtime.GOARCH))
	if _, err := os.Stat(filepath.Join(dir, "datasource", backend)); err != nil {
		return fmt.Errorf("the plugin in %s has no datasource/%s, the executable for this machine: %s", dir, backend, hint)
	}
	return nil
}
