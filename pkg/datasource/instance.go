// Package datasource answers Grafana's calls to the data source: queries, Save
// & test, and resources. It reads settings and queries, calls package measure,
// and passes the results to package frames; it computes no figures.
//
// One instance is one Prometheus and one folder of documents. Changed settings
// make a new instance, and the old one stops watching its folder. The clock is
// that of the [Factory].
//
// A query error is a downstream error if Prometheus or a person can fix it (the server, documents,
// settings, query); all others are plugin errors. What was not measured is never 0, nor missing from
// an alert.
package datasource

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/datasource"
	"github.com/grafana/grafana-plugin-sdk-go/backend/httpclient"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"
	"github.com/grafana/grafana-plugin-sdk-go/backend/resource/httpadapter"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/httpapi"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/sli"
	"github.com/accord-sla/accord/pkg/wire"
)

// ID of the plugin, as in its plugin.json.
const ID = "accord-sla-datasource"

// Factory makes the instances of data sources.
type Factory struct {
	Root string // the folder under which definitions may lie, see [Root]
	Now  func() time.Time
}

// New returns the instance of a data source. With invalid settings it is an [Unusable], which says why
// in each answer: Grafana would not show the error of a factory.
func (f Factory) New(ctx context.Context, s backend.DataSourceInstanceSettings) (instancemgmt.Instance, error) {
	i, err := f.connect(ctx, s)
	if err != nil {
		backend.Logger.FromContext(ctx).Warn("The data source cannot work as it is set up", "datasource", s.UID, "error", err)
		reason := kindError{"settings", err}
		return &Unusable{httpadapter.New(httpapi.Reply(func(*http.Request) (any, error) { return nil, reason })), reason}, nil
	}
	return i, nil
}

var _ datasource.InstanceFactoryFunc = Factory{}.New

func (f Factory) connect(ctx context.Context, s backend.DataSourceInstanceSettings) (*Instance, error) {
	settings, err := readSettings(s, f.Root)
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
	// The client enforces the timeout itself and explains it; that of net/http
	// would end requests at the same moment without an explanation.
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
	return f.start(ctx, s.UID, settings, client, openCache(settings.URL, options)), nil
}

// openCache opens the cache in the folder that the operator has set, in Grafana by cache_dir.
func openCache(address string, options httpclient.Options) counting.Cache {
	auth := prometheus.AuthConfig{Headers: map[string]string{}}
	if options.BasicAuth != nil {
		auth.Username = options.BasicAuth.User
	}
	if options.TLS != nil {
		auth.CertFile = options.TLS.ClientCertificate // a server may distinguish its tenants by it
	}
	for name, values := range options.Header {
		auth.Headers[name] = strings.Join(values, "\n")
	}
	return counting.OpenCache(address, auth.Identity(address), "GF_PLUGIN_CACHE_DIR", counting.CacheVariable)
}

// Instance is one data source: a Prometheus and a folder of documents.
type Instance struct {
	backend.CallResourceHandler
	service   *measure.Service
	documents *catalog.Live
	hashes    parallel.Memo[*catalog.Catalog, map[string]string] // of the last one
	api       httpapi.Options
	alerts    *alertMemory
	now       func() time.Time
	stop      func() error
}

func (f Factory) start(ctx context.Context, uid string, settings Settings, client *prometheus.Client, cache counting.Cache) *Instance {
	if namespace := backend.PluginConfigFromContext(ctx).Namespace; namespace != "" && namespace != "default" {
		uid = namespace + "-" + uid // unique in an organization only; that of the first is default
	}
	service := measure.New(client, counting.Options{Resolution: settings.Resolution, CacheBytes: settings.CacheBytes, Cache: cache, Now: f.Now})
	folder := &editing.Folder{Root: f.Root, Dir: settings.Definitions, Now: f.Now}
	options := catalog.Options{Open: folder.Open, Connection: settings.Connection, CheckSLI: sli.Check, Resolution: settings.Resolution}
	read := catalog.NewLive(settings.Definitions, options, func(c *catalog.Catalog, err error) { tellDocuments(uid, c, err) })
	folder.Live = read
	i := &Instance{service: service, documents: read, now: f.Now}
	i.api = httpapi.Options{
		Catalog: read.Now, Stale: read.Stale, Engine: service, Client: client, Now: f.Now,
		Folder:  folder,
		Changed: func(ctx context.Context) { _ = read.Reread(ctx) }, // Stale has the error
		User:    userOf,
	}
	folders := []opener{folder.Open}
	if cache.Disk != nil {
		folders = append(folders, cache.Disk.Open)
	}
	i.alerts = openAlertMemory(uid, folders...)
	i.CallResourceHandler = i.resources()
	i.stop = parallel.Background(func(ctx context.Context) error {
		read.Run(ctx)
		return nil
	}, func(ctx context.Context) error {
		if err := i.api.Folder.Recover(ctx); err != nil && ctx.Err() == nil {
			backend.Logger.Warn("What a process that ended has left in the folder of documents stays there", "datasource", uid, "error", err)
		}
		return nil
	})
	return i
}

// Dispose stops watching the folder, when settings have changed or the data source was removed.
func (i *Instance) Dispose() {
	if err := i.stop(); err != nil && !errors.Is(err, context.Canceled) {
		backend.Logger.Error("Watching the folder of documents has ended by a fault", "error", err)
	}
}

// Unusable is a data source with invalid settings: each of its answers is the reason.
type Unusable struct {
	backend.CallResourceHandler
	reason error
}

// QueryData fails every query with the reason.
func (u *Unusable) QueryData(_ context.Context, req *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	response := backend.NewQueryDataResponse()
	for _, q := range req.Queries {
		response.Responses[q.RefID] = failed(u.reason)
	}
	return response, nil
}

// CheckHealth reports the reason.
func (u *Unusable) CheckHealth(context.Context, *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	return &backend.CheckHealthResult{Status: backend.HealthStatusError, Message: u.reason.Error()}, nil
}

// definition returns a hash of the content of the agreements.
func (i *Instance) definition(c *catalog.Catalog, agreements ...*agreement.Agreement) string {
	hashes := i.hashes.Get(c, func() (map[string]string, int) { return hashesOf(c), 1 })
	return shortHash(strings.Join(wire.Each(agreements, func(a *agreement.Agreement) string { return hashes[a.Key()] }), ""))
}

func hashesOf(c *catalog.Catalog) map[string]string {
	hashes := make(map[string]string, len(c.Agreements)+len(c.SLOs))
	for _, a := range c.All() {
		hashes[a.Key()] = shortHash(agreement.Canonical(a))
	}
	return hashes
}

func shortHash(text string) string { return document.Hash([]byte(text))[:16] }
