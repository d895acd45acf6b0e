// Package architecture holds the arrows between packages: which one may import
// which. A new package is added to order, with the place it has on the way of a
// number (docs/developing.md).
package architecture

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/accord-sla/accord/"

// order is the way of a number, from left to right: a package imports those of
// earlier lines, never of its own or a later one.
var order = [][]string{
	{"pkg/agreement", "pkg/parallel"},
	{"pkg/prometheus", "pkg/scope", "pkg/sli", "pkg/problem"},
	{"pkg/slots"},
	{"pkg/counting", "pkg/budget", "pkg/catalog/document"},
	{"pkg/formats/openslo"},
	{"pkg/catalog", "pkg/formats/imports", "pkg/measure", "pkg/alerting"},
	{"pkg/planning", "pkg/draft", "pkg/editing", "pkg/formats/openslo/writing", "pkg/formats/pyrra", "pkg/formats/sloth", "pkg/rules"},
	{"pkg/wire"},
	{"pkg/statement"},
	{"pkg/tables"},
	{"pkg/tables/frames", "pkg/httpapi"},
	{"pkg/site", "pkg/datasource"},
	{"pkg/cmd/datasource", "pkg/grafana", "pkg/demo/promserver"},
	{"pkg/demo"},
	{"pkg/cli", "pkg/bench"},
	{"pkg/cmd/accord"},
}

// never are arrows that the order alone would allow.
var never = map[string][]string{
	"pkg/budget":     {"pkg/sli", "pkg/prometheus", "pkg/catalog/document"},
	"pkg/slots":      {"pkg/prometheus", "pkg/sli"},
	"pkg/scope":      {"pkg/prometheus"},
	"pkg/sli":        {"pkg/prometheus"},
	"pkg/catalog":    {"pkg/prometheus", "pkg/counting"},
	"pkg/measure":    {"pkg/catalog/document"},
	"pkg/rules":      {"pkg/measure", "pkg/prometheus"},
	"pkg/cli":        {"pkg/datasource", "pkg/tables/frames"},
	"pkg/cmd/accord": {"pkg/datasource", "pkg/tables/frames"},
}

// pure are the packages that are tested with plain values: nothing below them
// speaks HTTP or knows Grafana, and none of them reads the clock.
var pure = []string{"pkg/agreement", "pkg/scope", "pkg/slots", "pkg/budget"}

type goPackage struct {
	Dir, ImportPath string
	GoFiles         []string
	Imports, Deps   []string
}

func (p goPackage) name() string { return strings.TrimPrefix(p.ImportPath, module) }

func packages(t *testing.T) (all []goPackage) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-json=Dir,ImportPath,GoFiles,Imports,Deps", module+"...")
	command.Dir = "../.."
	out, err := command.Output()
	require.NoError(t, err)
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := decoder.Decode(&p); err == io.EOF {
			return all
		} else {
			require.NoError(t, err)
		}
		all = append(all, p)
	}
}

func TestPackagesImportOnlyWhatComesBeforeThem(t *testing.T) {
	place := map[string]int{}
	for i, line := range order {
		for _, name := range line {
			place[name] = i
		}
	}
	found := map[string]bool{}
	for _, p := range packages(t) {
		if !strings.HasPrefix(p.name(), "pkg/") {
			continue
		}
		found[p.name()] = true
		at, known := place[p.name()]
		if !assert.True(t, known, "%s has no place in the order yet", p.name()) {
			continue
		}
		for _, imported := range p.Imports {
			if name, own := strings.CutPrefix(imported, module); own {
				assert.Less(t, place[name], at, "%s imports %s, which is not before it", p.name(), name)
				assert.NotContains(t, never[p.name()], name, "%s imports %s", p.name(), name)
			}
		}
	}
	for name := range place {
		assert.True(t, found[name], "%s is in the order, and is no package any more", name)
	}
}

func TestNoProductPackageImportsWhatIsForTests(t *testing.T) {
	for _, p := range packages(t) {
		if !strings.HasPrefix(p.name(), "pkg/") {
			continue
		}
		for _, imported := range p.Imports {
			assert.False(t, strings.HasPrefix(imported, module+"internal/") || imported == "testing" || strings.HasPrefix(imported, "github.com/stretchr/"),
				"%s imports %s", p.name(), imported)
		}
	}
}

func TestPurePackagesKnowNeitherHTTPNorGrafanaNorTheClock(t *testing.T) {
	for _, p := range packages(t) {
		if !slices.Contains(pure, p.name()) {
			continue
		}
		for _, dependency := range p.Deps {
			assert.False(t, dependency == "net/http" || strings.HasPrefix(dependency, "github.com/grafana/grafana"),
				"%s links %s", p.name(), dependency)
		}
		for _, file := range p.GoFiles {
			parsed, err := parser.ParseFile(token.NewFileSet(), p.Dir+"/"+file, nil, 0)
			require.NoError(t, err)
			ast.Inspect(parsed, func(n ast.Node) bool {
				if call, ok := n.(*ast.SelectorExpr); ok && call.Sel.Name == "Now" {
					if of, ok := call.X.(*ast.Ident); ok {
						assert.NotEqual(t, "time", of.Name, "%s/%s reads the clock: take the instant as an argument", p.name(), file)
					}
				}
				return true
			})
		}
	}
}

// What links Grafana's SDK is the data source; the command line and all that
// it prints do without.
func TestOnlyTheDataSourceLinksGrafana(t *testing.T) {
	may := []string{"pkg/tables/frames", "pkg/datasource", "pkg/cmd/datasource"}
	for _, p := range packages(t) {
		if !strings.HasPrefix(p.name(), "pkg/") || slices.Contains(may, p.name()) {
			continue
		}
		for _, dependency := range p.Deps {
			assert.False(t, strings.HasPrefix(dependency, "github.com/grafana/grafana-plugin-sdk-go"), "%s links %s", p.name(), dependency)
		}
	}
}

// What is large and not needed: a storage in the data source; in the command line
// the API of Prometheus, which brings service discovery and the clouds' SDKs.
func TestExecutablesDoNotLink(t *testing.T) {
	not := map[string]string{
		"pkg/cmd/datasource": "github.com/prometheus/prometheus/tsdb",
		"pkg/cmd/accord":     "github.com/prometheus/prometheus/web/api/v1",
	}
	for _, p := range packages(t) {
		if not[p.name()] != "" {
			assert.NotContains(t, p.Deps, not[p.name()], p.name())
		}
	}
}

// A panic of a goroutine that nobody guards ends the process: work at once goes
// through package parallel. What is listed guards itself, or does nothing that is
// of the product: it waits for a process, or serves HTTP, which guards requests.
func TestGoroutinesAreStartedWhereAPanicIsAnError(t *testing.T) {
	guarded := map[string]bool{"pkg/counting/call.go": true, "pkg/grafana/server.go": true, "pkg/demo/promserver/server.go": true}
	for _, p := range packages(t) {
		if !strings.HasPrefix(p.name(), "pkg/") || p.name() == "pkg/parallel" {
			continue
		}
		assert.NotContains(t, p.Imports, "golang.org/x/sync/errgroup", "%s: take package parallel", p.name())
		for _, file := range p.GoFiles {
			parsed, err := parser.ParseFile(token.NewFileSet(), p.Dir+"/"+file, nil, 0)
			require.NoError(t, err)
			ast.Inspect(parsed, func(n ast.Node) bool {
				_, starts := n.(*ast.GoStmt)
				if call, ok := n.(*ast.CallExpr); ok {
					method, ok := call.Fun.(*ast.SelectorExpr)
					starts = ok && method.Sel.Name == "Go" // of a WaitGroup or the like
				}
				assert.False(t, starts && !guarded[p.name()+"/"+file], "%s/%s starts a goroutine: take package parallel", p.name(), file)
				return true
			})
		}
	}
}
