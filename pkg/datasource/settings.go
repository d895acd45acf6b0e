package datasource

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/counting"
)

const rootVariable = "ACCORD_DEFINITIONS_ROOT"

// Root returns the folder under which definitions may lie: definitions_root of the section
// [plugin.accord-sla-datasource] in Grafana's configuration, else the plugin's ACCORD_DEFINITIONS_ROOT.
func Root() string { return cmp.Or(os.Getenv("GF_PLUGIN_DEFINITIONS_ROOT"), os.Getenv(rootVariable)) }

// Settings are the checked settings; the SDK handles authentication, TLS, headers and proxy.
type Settings struct {
	// URL of Prometheus.
	URL string
	// Definitions is the absolute path of the folder of documents.
	Definitions string
	// Resolution is the length of a slot.
	Resolution time.Duration
	// Timeout of one request to Prometheus; 0 means that of the SDK's HTTP client.
	Timeout time.Duration
	// ParallelQueries to Prometheus at once; 0 means the client's default.
	ParallelQueries int
	// CacheBytes is the size of the slot cache.
	CacheBytes int
	// Connection is the name of the OpenSLO DataSource that this is; empty means
	// every one of type Prometheus.
	Connection string
}

type jsonData struct {
	Definitions     string `json:"definitions"`
	Resolution      string `json:"resolution"`
	ParallelQueries int    `json:"parallelQueries"`
	Connection      string `json:"connection"`
	// CacheSize in MiB.
	CacheSize int `json:"cacheSize"`
	// Timeout in seconds, under the name and in the form that every HTTP data
	// source of Grafana has; provisioning may make it a string.
	Timeout json.RawMessage `json:"timeout"`
}

const (
	maxParallelQueries = 64
	maxTimeout         = 10 * time.Minute
	// Sizes of the cache in MiB. An objective takes about a quarter of a MiB for 90
	// days, so the default is enough for a thousand objectives.
	defaultCacheSize, minCacheSize, maxCacheSize = 256, 16, 65536
)

// readSettings checks the settings. Definitions must lie under the root; an empty root is an error.
func readSettings(s backend.DataSourceInstanceSettings, root string) (Settings, error) {
	var saved jsonData
	if len(s.JSONData) > 0 {
		if err := json.Unmarshal(s.JSONData, &saved); err != nil {
			return Settings{}, fmt.Errorf("the settings cannot be read: %w", err)
		}
	}
	settings := Settings{URL: strings.TrimSpace(s.URL), Connection: saved.Connection, ParallelQueries: saved.ParallelQueries}
	if settings.URL == "" {
		return settings, errors.New("the Prometheus server URL is missing: enter it in the settings of the data source")
	}
	if n := saved.ParallelQueries; n < 0 || n > maxParallelQueries {
		return settings, fmt.Errorf("parallelQueries: must be from 1 to %d, or 0 for the default, got %d", maxParallelQueries, n)
	}
	size := cmp.Or(saved.CacheSize, defaultCacheSize)
	if size < minCacheSize || size > maxCacheSize {
		return settings, fmt.Errorf("cacheSize: must be from %d to %d MiB, or 0 for the default of %d, got %d", minCacheSize, maxCacheSize, defaultCacheSize, size)
	}
	settings.CacheBytes = size << 20
	var err error
	settings.Resolution = counting.DefaultResolution
	if saved.Resolution != "" {
		if settings.Resolution, err = counting.ParseResolution(saved.Resolution); err != nil {
			return settings, fmt.Errorf("resolution %w", err)
		}
	}
	if settings.Timeout, err = readTimeout(saved.Timeout); err != nil {
		return settings, err
	}
	settings.Definitions, err = definitionsUnder(root, strings.TrimSpace(saved.Definitions))
	return settings, err
}

func readTimeout(text json.RawMessage) (time.Duration, error) {
	number := strings.Trim(string(text), `" `)
	if number == "" || number == "null" {
		return 0, nil
	}
	var seconds float64
	err := json.Unmarshal([]byte(number), &seconds)
	if err != nil || seconds < 0 || seconds > maxTimeout.Seconds() {
		return 0, fmt.Errorf("timeout %s: must be a number of seconds, at most %.0f", number, maxTimeout.Seconds())
	}
	return time.Duration(seconds * float64(time.Second)), nil
}

// definitionsUnder returns the folder, which must lie under the root after links are resolved; an empty
// one is the root. Errors contain no path, since every Viewer can read them.
func definitionsUnder(root, definitions string) (string, error) {
	if root == "" {
		return "", fmt.Errorf("the operator of this Grafana has not said where documents may lie: set definitions_root in the section [plugin.accord-sla-datasource] of Grafana's configuration, or the environment variable %s of the plugin",
			rootVariable)
	}
	if !filepath.IsAbs(root) {
		return "", errors.New("definitions_root, the operator's folder for documents, must be an absolute path")
	}
	dir := definitions
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(root, dir)
	}
	dir = filepath.Clean(dir)
	outside := errors.New("definitions: must lie under definitions_root, the folder that the operator of this Grafana has set aside for documents")
	if !under(filepath.Clean(root), dir) {
		return "", outside
	}
	realRoot, err := filepath.EvalSymlinks(root)
	if err != nil {
		return "", fmt.Errorf("definitions_root, the operator's folder for documents, cannot be read: %w", catalog.Cause(err))
	}
	real, err := filepath.EvalSymlinks(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return dir, nil // it may be created later, which each reading checks; until then each answer says that it is missing
	case err != nil:
		return "", fmt.Errorf("definitions: cannot be read: %w", catalog.Cause(err))
	case !under(realRoot, real):
		return "", outside
	}
	return dir, nil
}

func under(root, dir string) bool {
	relative, err := filepath.Rel(root, dir)
	return err == nil && filepath.IsLocal(relative)
}
