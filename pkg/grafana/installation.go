package grafana

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// IDs of the plugins, as in their plugin.json.
const (
	appID        = "accord-sla-app"
	dataSourceID = "accord-sla-datasource"
)

// CheckHome reports what is wrong with the home path of an installation of
// Grafana.
func CheckHome(dir string) error {
	if _, err := os.Stat(executable(dir)); err != nil {
		return fmt.Errorf("%s is not the home path of a Grafana: it has no %s; give the folder of Grafana 12.3 or later, such as /usr/share/grafana",
			dir, filepath.Join("bin", filepath.Base(executable(dir))))
	}
	return nil
}

func executable(home string) string { return filepath.Join(home, "bin", program("grafana")) }

// program is the name of an executable file on this system.
func program(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// CheckPlugin reports what is missing in the folder of the built plugin.
func CheckPlugin(dir string) error {
	const mend = "run go tool mage build, or give the folder of an installed plugin"
	text, err := os.ReadFile(filepath.Join(dir, "plugin.json"))
	if err != nil {
		return fmt.Errorf("there is no built plugin in %s: %s", dir, mend)
	}
	var manifest struct{ ID string }
	if err := json.Unmarshal(text, &manifest); err != nil || manifest.ID != appID {
		return fmt.Errorf("the plugin in %s is not %s: %s", dir, appID, mend)
	}
	backend := program(fmt.Sprintf("gpx_accord_%s_%s", runtime.GOOS, runtime.GOARCH))
	if _, err := os.Stat(filepath.Join(dir, "datasource", backend)); err != nil {
		return fmt.Errorf("the plugin in %s has no datasource/%s, the executable for this machine: %s", dir, backend, mend)
	}
	return nil
}
