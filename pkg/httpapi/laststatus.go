package httpapi

import (
	"context"
	"time"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/measure"
)

// lastStatus is the status of all that is promised, when it was asked for last:
// pages ask for other parts of the same one with each filter and sort.
type lastStatus struct {
	measuring chan struct{} // holds one while somebody measures: the others wait for the answer
	catalog   *catalog.Catalog
	at        time.Time
	results   []measure.AgreementResult
}

func newLastStatus() *lastStatus { return &lastStatus{measuring: make(chan struct{}, 1)} }

// everything is the status of all agreements and SLOs, those left out too, as of
// an instant of the last ten seconds. With an unreachable server the results are
// what is known without it, or carry its error.
func (f figures) everything(ctx context.Context, c *catalog.Catalog) (results []measure.AgreementResult, at time.Time, unreachable error) {
	select {
	case f.last.measuring <- struct{}{}:
		defer func() { <-f.last.measuring }()
	case <-ctx.Done():
		return nil, f.present(), ctx.Err()
	}
	at = f.present()
	if f.last.catalog == c && f.last.at.Equal(at) {
		return f.last.results, at, nil
	}
	_, unreachable = f.server(ctx)
	results = f.engine.Status(ctx, c.WithLeftOut(), measure.Question{At: at, LastKnown: true, Unreachable: unreachable})
	if unreachable == nil && ctx.Err() == nil {
		f.last.catalog, f.last.at, f.last.results = c, at, results
	}
	return results, at, unreachable
}
