//go:build mage

// Build targets of Accord; go tool mage -l lists them.
package main

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/build"
	"github.com/magefile/mage/mg"
	"github.com/magefile/mage/sh"
	"github.com/magefile/mage/target"
)

// Default is the target of `go tool mage` without arguments.
var Default = Build

// tags are the build tags of the SDK: Arrow uses the standard library for JSON.
const tags = "-tags=arrow_json_stdlib"

// Tests are compiled like the shipped binaries, so that both share the build cache.
func init() {
	os.Setenv("CGO_ENABLED", "0")
	os.Setenv("GOFLAGS", strings.TrimSpace(os.Getenv("GOFLAGS")+" -trimpath "+tags))
}

// Build builds the plugin in dist/ and the command bin/accord for this machine.
func Build() error {
	mg.Deps(frontend)
	if err := backend(runtime.GOOS, runtime.GOARCH); err != nil {
		return err
	}
	return sh.RunV("go", "build", "-o", filepath.Join("bin", "accord"), "./pkg/cmd/accord")
}

// Demo shows the example company on an embedded Prometheus until Ctrl-C.
func Demo() error {
	return sh.RunV("go", "run", "./pkg/cmd/accord", "demo")
}

// modules installs the pinned dependencies of the frontend.
func modules() error { return install(".") }

// modulesOfGrafana12 installs the libraries of Grafana 12 for the browser tests.
func modulesOfGrafana12() error { return install("tests/browser/grafana12") }

func install(folder string) error {
	in := func(name string) string { return filepath.Join(folder, name) }
	stale, err := target.Path(in("node_modules/.package-lock.json"), in("package.json"), in("package-lock.json"))
	if err != nil || !stale {
		return err
	}
	return npm("ci", "--no-audit", "--loglevel=error", "--prefix", folder)
}

// frontend builds the bundles of the app and of its data source.
func frontend() error {
	mg.Deps(modules)
	return npm("run", "build")
}

func npm(arguments ...string) error {
	return sh.RunV("npm", append([]string{"--silent"}, arguments...)...)
}

// backend builds the data source's executable with the SDK, which names it after
// the system and puts it where Grafana looks for it, beside plugin.json, together
// with the manifest of the sources for Grafana's validator.
func backend(system, architecture string) error {
	err := build.SetBeforeBuildCallback(func(config build.Config) (build.Config, error) {
		config.PluginJSONPath = filepath.Join("src", "datasource")
		config.RootPackagePath = "./pkg/cmd/datasource"
		config.OutputBinaryPath = filepath.Join("dist", "datasource")
		return config, nil
	})
	if err != nil {
		return err
	}
	return build.Build{}.Custom(system, architecture)
}

// version returns the version in package.json.
func version() (string, error) {
	text, err := os.ReadFile("package.json")
	if err != nil {
		return "", err
	}
	var manifest struct{ Version string }
	err = json.Unmarshal(text, &manifest)
	return manifest.Version, err
}

// Test runs all tests: Go, frontend and browser. Tests that need a missing program
// are skipped. This is printed before and after, because go test does not report it.
func Test() error {
	printMissing()
	defer printMissing()
	if !has("npm") {
		return testGo()
	}
	mg.Deps(frontend)
	mg.Deps(testGo, testFrontend, modulesOfGrafana12)
	return npm("run", "test:browser") // alone, so that a busy processor does not fail it
}

// fewCollections takes up to a third off the processor's time of the compiler and
// of tests, for up to 2 GiB of memory each.
var fewCollections = map[string]string{"GOGC": "1000", "GOMEMLIMIT": "2GiB"}

func testGo() error {
	// Check runs vet.
	return sh.RunWithV(fewCollections, "go", "test", "-vet=off", "-count=1", "-timeout=15m", "./...")
}

func testFrontend() error {
	return errors.Join(npm("run", "test"), npm("run", "test:bundles"))
}

func printMissing() {
	for _, program := range []string{"prometheus", "victoria-metrics"} {
		if !has(program) {
			fmt.Printf("SKIPPED: all tests on a real %s, which is not installed; on Debian: apt-get install %[1]s\n", program)
		}
	}
	if !has("npm") {
		fmt.Println("SKIPPED: all tests of the frontend, which need Node 20 or later with npm")
	}
}

func has(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// Check runs the fast checks: formatting, types, go vet and eslint.
func Check() { mg.Deps(checkGo, checkFrontend) }

// Lint runs Check, and staticcheck, which also loads all imports.
func Lint() error {
	mg.Deps(Check)
	return sh.RunV("go", "tool", "staticcheck", tags, "./...")
}

func checkGo() error {
	unformatted, err := sh.Output("gofmt", "-l", "pkg", "internal", "provisioning", "tests", "Magefile.go")
	if err != nil {
		return err
	}
	if unformatted != "" {
		return fmt.Errorf("gofmt would change: %s", strings.ReplaceAll(unformatted, "\n", ", "))
	}
	return errors.Join(
		sh.RunWithV(fewCollections, "go", "vet", tags+",bench", "./..."),
		sh.RunWithV(fewCollections, "go", "vet", tags+",mage", "."),
	)
}

func checkFrontend() error {
	mg.Deps(modules)
	return errors.Join(npm("run", "lint"), npm("run", "typecheck"))
}

// mutator changes operators in a package, one at a time, and runs its tests on
// each mutant.
const mutator = "github.com/go-gremlins/gremlins/cmd/gremlins@v0.6.0"

// Mutate prints the mutants of the counting core that survive its tests, package
// by package. It takes hours.
func Mutate() error {
	var failed []error
	for _, name := range []string{"budget", "scope", "slots", "sli", "measure"} {
		failed = append(failed, sh.RunV("go", "run", mutator, "unleash", "--workers=1", "./pkg/"+name))
	}
	return errors.Join(failed...)
}

// Fuzz runs each fuzz target for a minute.
func Fuzz() error {
	listed, err := sh.Output("go", "list", "./...")
	if err != nil {
		return err
	}
	for _, folder := range strings.Fields(listed) {
		targets, err := sh.Output("go", "test", "-list", "^Fuzz", folder)
		if err != nil {
			return err
		}
		for _, line := range strings.Fields(targets) {
			if !strings.HasPrefix(line, "Fuzz") {
				continue
			}
			if err := sh.RunV("go", "test", "-run=^$", "-fuzz=^"+line+"$", "-fuzztime=1m", folder); err != nil {
				return err
			}
		}
	}
	return nil
}

// Bench compares Accord with plain PromQL on the same engine and data. It ends
// with a line for each bar: name, value, bar, ok or short.
func Bench() error {
	folder, err := os.MkdirTemp("", "accord-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	bars := filepath.Join(folder, "bars")
	err = sh.RunWithV(map[string]string{"ACCORD_BARS": bars},
		"go", "test", "-tags=bench", "-count=1", "-timeout=60m", "-v", "-run=TestBench", "./pkg/bench")
	if err != nil {
		return err
	}
	lines, err := os.ReadFile(bars)
	fmt.Printf("\nname\tvalue\tbar\t\n%s", lines)
	return err
}

const pluginID = "accord-sla-app"

var platforms = []struct{ system, architecture string }{
	{"linux", "amd64"}, {"linux", "arm64"}, {"linux", "arm"},
	{"darwin", "amd64"}, {"darwin", "arm64"}, {"windows", "amd64"},
}

// Package builds bin/accord-sla-app-VERSION.zip for six platforms, and beside it
// a file with the SHA-256 checksums of the zip and of each file in it.
func Package() error {
	version, err := version()
	if err != nil {
		return err
	}
	if err := sh.Rm("dist"); err != nil {
		return err
	}
	mg.Deps(frontend)
	for _, p := range platforms {
		fmt.Printf("building for %s/%s\n", p.system, p.architecture)
		if err := backend(p.system, p.architecture); err != nil {
			return err
		}
	}
	if err := os.MkdirAll("bin", 0o755); err != nil {
		return err
	}
	archive := filepath.Join("bin", fmt.Sprintf("%s-%s.zip", pluginID, version))
	sums, err := zipFolder(archive, "dist")
	if err != nil {
		return err
	}
	whole, err := checksum(os.DirFS("."), filepath.ToSlash(archive))
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%s  %s\n%s", whole, filepath.Base(archive), sums)
	fmt.Println(archive)
	return os.WriteFile(archive+".sha256", []byte(text), 0o644)
}

// zipFolder packs the files of the folder as Grafana unpacks a plugin: below the
// plugin's ID, and executables with the mode for that. It returns a line with the
// checksum and name of each file.
func zipFolder(archive, folder string) (sums string, err error) {
	file, err := os.Create(archive)
	if err != nil {
		return "", err
	}
	defer file.Close()
	packed := zip.NewWriter(file)
	files := os.DirFS(folder)
	var lines strings.Builder
	err = fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		sum, err := checksum(files, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(&lines, "%s  %s\n", sum, path.Join(pluginID, name))
		return zipFile(packed, files, name)
	})
	if err != nil {
		return "", err
	}
	return lines.String(), packed.Close()
}

func zipFile(packed *zip.Writer, files fs.FS, name string) error {
	header := &zip.FileHeader{Name: path.Join(pluginID, name), Method: zip.Deflate}
	header.SetMode(0o644)
	if strings.HasPrefix(path.Base(name), "gpx_") {
		header.SetMode(0o755)
	}
	to, err := packed.CreateHeader(header)
	if err != nil {
		return err
	}
	from, err := files.Open(name)
	if err != nil {
		return err
	}
	defer from.Close()
	_, err = io.Copy(to, from)
	return err
}

func checksum(files fs.FS, name string) (string, error) {
	file, err := files.Open(name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := sha256.New()
	_, err = io.Copy(hash, file)
	return fmt.Sprintf("%x", hash.Sum(nil)), err
}
