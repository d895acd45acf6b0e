//go:build mage

// Accord's tasks: go tool mage -l lists them.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/magefile/mage/mg"
	"github.com/magefile/mage/sh"
	"github.com/magefile/mage/target"
)

// Default is what `go tool mage` does.
var Default = Build

// Build makes for this machine the plugin in dist/ and the command bin/accord.
func Build() error {
	mg.Deps(frontend)
	if err := backend(runtime.GOOS, runtime.GOARCH); err != nil {
		return err
	}
	return sh.RunV("go", "build", "-trimpath", "-o", filepath.Join("bin", "accord"), "./pkg/cmd/accord")
}

// Demo shows the example company on an embedded Prometheus until Ctrl-C.
func Demo() error {
	return sh.RunV("go", "run", "./pkg/cmd/accord", "demo")
}

// modules installs the frontend's dependencies as they are pinned.
func modules() error {
	const installed = "node_modules/.package-lock.json"
	stale, err := target.Path(installed, "package.json", "package-lock.json")
	if err != nil || !stale {
		return err
	}
	return npm("ci", "--no-audit", "--loglevel=error")
}

// frontend makes both bundles, the app's and that of its data source.
func frontend() error {
	mg.Deps(modules)
	return npm("run", "build")
}

func npm(arguments ...string) error {
	return sh.RunV("npm", append([]string{"--silent"}, arguments...)...)
}

// backend makes the data source's executable, where Grafana looks for it:
// beside its plugin.json, named after the system.
func backend(system, architecture string) error {
	version, err := version()
	if err != nil {
		return err
	}
	about, err := json.Marshal(map[string]string{"pluginID": "accord-sla-datasource", "version": version})
	if err != nil {
		return err
	}
	flags := fmt.Sprintf("-s -w -X 'github.com/grafana/grafana-plugin-sdk-go/build/buildinfo.buildInfoJSON=%s'", about)
	environment := map[string]string{"GOOS": system, "GOARCH": architecture, "CGO_ENABLED": "0"}
	return sh.RunWithV(environment, "go", "build", "-trimpath", "-tags=arrow_json_stdlib", "-ldflags", flags,
		"-o", executable(system, architecture), "./pkg/cmd/datasource")
}

func executable(system, architecture string) string {
	name := fmt.Sprintf("gpx_accord_%s_%s", system, architecture)
	if system == "windows" {
		name += ".exe"
	}
	return filepath.Join("dist", "datasource", name)
}

// version of all that is built stands in package.json.
func version() (string, error) {
	text, err := os.ReadFile("package.json")
	if err != nil {
		return "", err
	}
	var manifest struct{ Version string }
	err = json.Unmarshal(text, &manifest)
	return manifest.Version, err
}
