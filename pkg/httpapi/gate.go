package httpapi

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/wire"
)

// gate decides whether a release may go. A decision is an answer, whichever it
// is; that something could not be measured, too.
func (o Options) gate(r *http.Request) (any, error) {
	c, err := o.Catalog(r.Context())
	if err != nil {
		return nil, failure{http.StatusServiceUnavailable, err}
	}
	q, err := o.statusQuestion(r)
	if err != nil {
		return nil, err
	}
	asked := r.URL.Query()
	if !asked.Has("agreement") {
		return nil, failure{http.StatusBadRequest, errors.New("agreement: is required")}
	}
	found, err := named(c, []string{asked.Get("agreement")})
	if err != nil {
		return nil, err
	}
	least := planning.DefaultMinRemaining
	if text := asked.Get("minRemaining"); text != "" {
		if least, err = planning.ParseShare(text); err != nil {
			return nil, failure{http.StatusBadRequest, fmt.Errorf("minRemaining: %w", err)}
		}
	}
	a := found[0]
	if name := asked.Get("objective"); name != "" {
		if a, err = withObjective(a, name); err != nil {
			return nil, err
		}
	}
	return wire.NewGate(q.At, o.Engine.Status(r.Context(), []*agreement.Agreement{a}, q)[0], least), nil
}

// withObjective is the agreement with that objective alone.
func withObjective(a *agreement.Agreement, name string) (*agreement.Agreement, error) {
	names := make([]string, len(a.Objectives))
	for i, o := range a.Objectives {
		if names[i] = o.Name; o.Name == name {
			narrowed := *a
			narrowed.Objectives = []*agreement.Objective{o}
			return &narrowed, nil
		}
	}
	return nil, failure{http.StatusNotFound, fmt.Errorf("%s has no objective %q%s", a.Name, name, document.DidYouMean(name, names))}
}
