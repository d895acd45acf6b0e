package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/wire"
)

// BacktestRequest is the body of POST backtest: which objective, over which
// time, and what is tried in place of what was agreed.
type BacktestRequest struct {
	Agreement string `json:"agreement"`
	// Objective may be left out where the agreement has only one.
	Objective string `json:"objective"`
	// From and To default to the last 90 days.
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Points of the budget over time, at most.
	Points int `json:"points"`

	Target     float64             `json:"target"`
	Window     string              `json:"window"`
	Exclusions []BacktestExclusion `json:"exclusions"`
	Alerts     []wire.AlertRule    `json:"alerts"`
	// Documents are YAML that is tried as a whole, for Editors; what else is
	// tried comes on top.
	Documents string `json:"documents"`
}

// BacktestExclusion is time that is tried as an exclusion.
type BacktestExclusion struct {
	From time.Time               `json:"from"`
	To   time.Time               `json:"to"`
	Mode agreement.ExclusionMode `json:"mode"`
}

const maxBacktestPoints = 2000

// backtest tries a definition on history, beside the present one.
func (o Options) backtest(r *http.Request) (any, error) {
	asked, err := o.readBacktest(r)
	if err != nil {
		return nil, err
	}
	trial, err := asked.trial()
	if err != nil {
		return nil, failure{http.StatusBadRequest, err}
	}
	before, after, err := o.tried(r, asked)
	if err != nil {
		return nil, err
	}
	present, err := asked.find(before)
	if err != nil && after == nil {
		return nil, err
	}
	proposed := present
	if after != nil {
		if proposed, err = asked.find(after); err != nil {
			return nil, err
		}
	}
	definition := trial.Of(*proposed)
	q := planning.BacktestQuestion{From: asked.From, To: asked.To, Points: asked.Points}
	var sides [2]*wire.Tried
	var measurement counting.Measurement
	if sides[0], measurement, err = o.side(r, present, q, 0); err != nil {
		return nil, err
	}
	if after != nil || !trial.IsZero() {
		if sides[1], measurement, err = o.side(r, &definition, q, len(trial.Exclusions)); err != nil {
			return nil, err
		}
	}
	return wire.NewBacktest(q, o.Engine.Resolution(), measurement, sides[0], sides[1]), nil
}

func (o Options) side(r *http.Request, d *planning.Definition, q planning.BacktestQuestion, exclusions int) (*wire.Tried, counting.Measurement, error) {
	if d == nil {
		return nil, counting.Measurement{}, nil
	}
	groups, m, err := planning.RunBacktest(r.Context(), o.Engine, *d, q)
	if err != nil && statusOf(err) == http.StatusInternalServerError {
		err = failure{http.StatusUnprocessableEntity, err} // the objective cannot be measured as it is
	}
	return &wire.Tried{Definition: *d, Exclusions: exclusions, Groups: groups}, m, err
}

func (o Options) readBacktest(r *http.Request) (asked BacktestRequest, err error) {
	decoder := json.NewDecoder(http.MaxBytesReader(nil, r.Body, 2*maxProposal))
	decoder.DisallowUnknownFields()
	var tooLong *http.MaxBytesError
	switch err := decoder.Decode(&asked); {
	case errors.As(err, &tooLong):
		return asked, failure{http.StatusRequestEntityTooLarge, fmt.Errorf("the body is longer than %d bytes, the limit", 2*maxProposal)}
	case errors.Is(err, io.EOF):
		return asked, failure{http.StatusBadRequest, errors.New("the body must be JSON that names an agreement; see openapi.json")}
	case err != nil:
		return asked, failure{http.StatusBadRequest, fmt.Errorf("the body cannot be read: %w", err)}
	case asked.Agreement == "":
		return asked, failure{http.StatusBadRequest, errors.New("agreement: is required")}
	case asked.Points < 0 || asked.Points > maxBacktestPoints:
		return asked, failure{http.StatusBadRequest, fmt.Errorf("points: must be from 1 to %d, got %d", maxBacktestPoints, asked.Points)}
	}
	// What lies ahead was not measured by anyone.
	if now := o.Now().UTC().Truncate(instantStep); asked.To.IsZero() || asked.To.After(now) {
		asked.To = now
	}
	if asked.From.IsZero() {
		asked.From = asked.To.Add(-last90Days.Rolling)
	}
	if err := (planning.BacktestQuestion{From: asked.From, To: asked.To}).Check(); err != nil {
		return asked, failure{http.StatusBadRequest, err}
	}
	return asked, nil
}

// trial is what is tried beside the documents.
func (asked BacktestRequest) trial() (t planning.Trial, err error) {
	t.Target = asked.Target
	if asked.Window != "" {
		window, err := agreement.ParseWindow(asked.Window)
		if err != nil {
			return t, err
		}
		t.Window = &window
	}
	for _, x := range asked.Exclusions {
		mode := x.Mode
		switch mode {
		case "":
			mode = agreement.Exclude
		case agreement.Exclude, agreement.CountAsGood:
		default:
			return t, fmt.Errorf("exclusions: mode must be exclude or good, got %q", mode)
		}
		t.Exclusions = append(t.Exclusions, agreement.Exclusion{From: x.From, To: x.To, Mode: mode, Zone: time.UTC})
	}
	for _, rule := range asked.Alerts {
		long, err := model.ParseDuration(rule.Long)
		if err != nil {
			return t, fmt.Errorf("alerts: long %q must be a duration such as 1h", rule.Long)
		}
		t.Alerts = append(t.Alerts, budget.AlertRule{Severity: rule.Severity, Share: rule.Share, Long: time.Duration(long)})
	}
	return t, t.Check()
}

// tried are the catalog in force, and the one with the documents that are
// tried; nil without any.
func (o Options) tried(r *http.Request, asked BacktestRequest) (before, after *catalog.Catalog, err error) {
	if asked.Documents == "" {
		if before, err = o.Catalog(r.Context()); err != nil {
			return nil, nil, failure{http.StatusServiceUnavailable, err}
		}
		return before, nil, nil
	}
	// What is typed may hold any query, so it is not for those who only read.
	if _, err := o.editor(r.Context()); err != nil {
		return nil, nil, err
	}
	outcome, err := o.propose(r, []byte(asked.Documents))
	if err != nil {
		return nil, nil, err
	}
	if v := o.validation(outcome); !v.Valid {
		first := v.Problems[slices.IndexFunc(v.Problems, func(p catalog.Problem) bool { return p.Severity == catalog.Error })]
		return nil, nil, failure{http.StatusUnprocessableEntity, fmt.Errorf("documents: %s", first)}
	}
	return outcome.Before, outcome.After, nil
}

// find is the definition that is named.
func (asked BacktestRequest) find(c *catalog.Catalog) (*planning.Definition, error) {
	found, err := named(c, []string{asked.Agreement})
	if err != nil {
		return nil, err
	}
	a := found[0]
	names := make([]string, len(a.Objectives))
	for i, o := range a.Objectives {
		if names[i] = o.Name; o.Name == asked.Objective || asked.Objective == "" && len(a.Objectives) == 1 {
			d := planning.Present(a, o)
			return &d, nil
		}
	}
	if asked.Objective == "" {
		return nil, failure{http.StatusBadRequest, fmt.Errorf("objective: %s has several, name one of %s", a.Name, strings.Join(names, ", "))}
	}
	return nil, failure{http.StatusNotFound, fmt.Errorf("%s has no objective %q%s", a.Name, asked.Objective, document.DidYouMean(asked.Objective, names))}
}
