package datasource

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/datasource"
	"github.com/grafana/grafana-plugin-sdk-go/backend/httpclient"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/httpapi"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/sli"
)

// ID of the plugin, as in its plugin.json.
const ID = "accord-sla-datasource"

// Factory makes the instances of data sources.
type Factory struct {
	// Root is the folder under which definitions may lie; nil reads it from
	// the first of RootVariables that is set.
	Root *string
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// New makes the instance of a data source. Settings with which it cannot work
// are told by each of its answers, in full; a factory that fails would be shown
// as an error without words.
func (f Factory) New(ctx context.Context, s backend.DataSourceInstanceSettings) (instancemgmt.Instance, error) {
	if f.Now == nil {
		f.Now = time.Now
	}
	i, err := f.connect(ctx, s)
	if err != nil {
		backend.Logger.FromContext(ctx).Warn("The data source cannot work as it is set up", "datasource", s.UID, "error", err)
		return &Unusable{settingsError{err}}, nil
	}
	return i, nil
}

var _ datasource.InstanceFactoryFunc = Factory{}.New

func (f Factory) connect(ctx context.Context, s backend.DataSourceInstanceSettings) (*Instance, error) {
	settings, err := readSettings(s, f.root())
	if err != nil {
		return nil, err
	}
	options, err := s.HTTPClientOptions(ctx)
	if err != nil {
		return nil, fmt.Errorf("the HTTP settings cannot be read: %w", err)
	}
	timeout := options.Timeouts.Timeout
	if settings.Timeout > 0 {
		timeout = settings.Timeout
	}
	// The client keeps the time-out itself, and says what it means; the one of
	// net/http would end requests at the same moment without a word.
	unlimited := *options.Timeouts
	unlimited.Timeout = 0
	options.Timeouts = &unlimited
	transport, err := httpclient.New(options)
	if err != nil {
		return nil, fmt.Errorf("the HTTP settings cannot be used: %w", err)
	}
	client, err := prometheus.New(settings.URL, transport, prometheus.Options{
		Timeout: timeout, Parallel: settings.ParallelQueries, Probes: counting.Probes(),
	})
	if err != nil {
		return nil, err
	}
	return f.start(s.UID, settings, client, timeout), nil
}

func (f Factory) root() string {
	if f.Root != nil {
		return *f.Root
	}
	for _, name := range RootVariables() {
		if root := os.Getenv(name); root != "" {
			return root
		}
	}
	return ""
}

// Instance is one data source: a Prometheus and a folder of documents.
type Instance struct {
	backend.CallResourceHandler
	engine    *measure.Service
	documents *documents
	api       httpapi.Options
	alerts    alertMemory
	now       func() time.Time
	// patience is how long a query waits to learn which engine answers.
	patience time.Duration
	stop     func()
}

func (f Factory) start(uid string, settings Settings, client *prometheus.Client, timeout time.Duration) *Instance {
	engine := measure.New(client, counting.Options{Resolution: settings.Resolution, CacheBytes: settings.CacheBytes, Now: f.Now})
	options := catalog.Options{Connection: settings.Connection, CheckSLI: sli.Check, Resolution: settings.Resolution}
	read := newDocuments(settings.Definitions, options, func(c *catalog.Catalog, err error) {
		countDocuments(uid, c, err)
		if err != nil {
			backend.Logger.Warn("The folder of documents cannot be read", "datasource", uid, "error", err)
		}
	})
	i := &Instance{engine: engine, documents: read, now: f.Now, patience: timeout}
	i.api = httpapi.Options{
		Catalog: read.Now, Stale: read.Stale, Engine: engine, Client: client, Now: f.Now, Patience: timeout,
		Folder:  &editing.Folder{Root: f.root(), Dir: settings.Definitions, Options: options, Now: f.Now},
		Changed: read.Reread, User: userOf,
	}
	i.CallResourceHandler = resources(i.api)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		read.Run(ctx)
	}()
	i.stop = func() {
		cancel()
		<-done
	}
	return i
}

// Dispose stops watching the folder. Grafana calls it when the settings have
// changed or the data source is gone.
func (i *Instance) Dispose() { i.stop() }
