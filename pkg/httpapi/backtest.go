package httpapi

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// BacktestRequest is the body of POST backtest: the objective, the time range, and what to try in
// place of what was agreed.
type BacktestRequest struct {
	Agreement string `json:"agreement"`
	// Objective may be omitted if the agreement has only one.
	Objective string `json:"objective,omitempty"`
	// From and To default to the last 90 days.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
	// Points is the maximum number of points of the budget over time.
	Points int `json:"points,omitempty"`

	Target     float64               `json:"target,omitempty"`
	Window     string                `json:"window,omitempty"`
	Exclusions []BacktestExclusion   `json:"exclusions,omitempty"`
	Alerts     []agreement.AlertRule `json:"alerts,omitempty"`
	// Documents are YAML documents to try, for Editors and Admins; the fields above apply on top of them.
	Documents string `json:"documents,omitempty"`
}

// BacktestExclusion is time that is tried as an exclusion.
type BacktestExclusion struct {
	From time.Time               `json:"from"`
	To   time.Time               `json:"to"`
	Mode agreement.ExclusionMode `json:"mode,omitempty"`
}

const maxBacktestPoints = 2000

// backtest evaluates the present definition of an objective and a changed one on history.
func (h *handlers) backtest(r *http.Request, c *catalog.Catalog) (any, error) {
	asked, err := h.readBacktest(r)
	if err != nil {
		return nil, err
	}
	trial, err := asked.trial()
	if err != nil {
		return nil, failure{http.StatusBadRequest, err}
	}
	before, after, err := h.catalogs(r.Context(), c, asked.Documents)
	if err != nil {
		return nil, err
	}
	proposed, err := asked.find(after)
	if err != nil {
		return nil, err
	}
	var sides [2]*wire.BacktestTrial
	if present, err := asked.find(before); err == nil { // else it is new
		sides[0] = &wire.BacktestTrial{Definition: present}
	}
	if asked.Documents != "" || !trial.IsZero() {
		sides[1] = &wire.BacktestTrial{Definition: trial.Of(proposed), Exclusions: len(trial.Exclusions)}
	}
	q := planning.BacktestQuestion{From: asked.From, To: asked.To, Points: asked.Points}
	var measurement counting.Measurement
	var warnings, notes []string // of the present definition
	for i, side := range sides {
		if side == nil {
			continue
		}
		side.Groups, measurement, err = planning.RunBacktest(r.Context(), h.Engine, side.Definition, q)
		switch {
		case err == nil || r.Context().Err() != nil:
		case i == 0 && asked.Documents != "": // which may mend it
			notes, sides[0], err = append(notes, "the present definition cannot be measured: "+err.Error()), nil, nil
		case StatusOf(err) == http.StatusInternalServerError:
			err = failure{http.StatusUnprocessableEntity, err} // the objective cannot be measured as it is
		}
		if i == 0 {
			warnings = measurement.Warnings
		}
		if err != nil {
			return nil, err
		}
	}
	for _, warning := range warnings {
		if !slices.Contains(measurement.Warnings, warning) {
			notes = append(notes, "the present definition: "+warning)
		}
	}
	measurement.Notes = append(measurement.Notes, notes...)
	b := wire.NewBacktest(q, h.Engine.Resolution(), measurement, sides[0], sides[1])
	tables.ExplainBacktest(b)
	return b, nil
}

func (h *handlers) readBacktest(r *http.Request) (asked BacktestRequest, err error) {
	asked, err = decodeBody[BacktestRequest](r, 2*maxProposal)
	switch {
	case err != nil:
		return asked, err
	case asked.Agreement == "":
		return asked, badRequest("agreement: is required")
	case asked.Points < 0 || asked.Points > maxBacktestPoints:
		return asked, badRequest("points: must be from 1 to %d, got %d", maxBacktestPoints, asked.Points)
	}
	// The future has not been measured.
	if now := h.Present(); asked.To.IsZero() || asked.To.After(now) {
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

func (asked BacktestRequest) trial() (t planning.Trial, err error) {
	t.Target, t.Alerts = asked.Target, asked.Alerts
	if asked.Window != "" {
		window, err := agreement.ParseWindow(asked.Window)
		if err != nil {
			return t, err
		}
		t.Window = &window
	}
	for _, x := range asked.Exclusions {
		mode := cmp.Or(x.Mode, agreement.Exclude)
		if mode != agreement.Exclude && mode != agreement.CountAsGood {
			return t, fmt.Errorf("exclusions: mode must be exclude or good, got %q", mode)
		}
		t.Exclusions = append(t.Exclusions, agreement.Exclusion{From: x.From, To: x.To, Mode: mode, Zone: time.UTC})
	}
	return t, t.Check()
}

// catalogs returns the catalog without and with the documents to try.
func (h *handlers) catalogs(ctx context.Context, inForce *catalog.Catalog, documents string) (before, after *catalog.Catalog, err error) {
	if documents == "" {
		return inForce, inForce, nil
	}
	// Typed documents may contain any query, so they take the role Editor or Admin.
	if _, err := h.editor(ctx); err != nil {
		return nil, nil, err
	}
	outcome, err := h.propose(ctx, []byte(documents))
	if err != nil {
		return nil, nil, err
	}
	if i := slices.IndexFunc(outcome.Problems, isError); i >= 0 {
		return nil, nil, Refuse(http.StatusUnprocessableEntity, "documents: %s", outcome.Problems[i])
	}
	return outcome.Before, outcome.After, nil
}

func (asked BacktestRequest) find(c *catalog.Catalog) (d planning.Definition, err error) {
	a, err := findRead(c, "", asked.Agreement)
	if err != nil {
		return d, err
	}
	o, err := findObjective(a, asked.Objective)
	if err != nil {
		return d, err
	}
	return planning.Present(a, o), nil
}
