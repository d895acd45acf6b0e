package httpapi

import (
	"net/http"
	"slices"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/wire"
)

// Validation is what is wrong with proposed documents, and with others because
// of them.
type Validation struct {
	// Valid says that there is no error; there may be warnings.
	Valid bool `json:"valid"`
	// Documents is the number of proposed documents that have a name.
	Documents int `json:"documents"`
	// Problems are in the proposed text, as the file document.yaml, and in the
	// documents of the folder that they would come to.
	Problems []catalog.Problem `json:"problems"`
	// Alerts are what the burn-rate alerts of the agreements concerned can do,
	// by what is written alone.
	Alerts []wire.ObjectiveAlerts `json:"alerts"`
	// Promises are those of the agreements concerned that rest on others.
	Promises []wire.Promise `json:"promises"`
}

// validate reads the body as documents that take the place of those of the
// same kind and name; references are followed into the folder.
func (o Options) validate(r *http.Request) (any, error) {
	text, err := typed(r)
	if err != nil {
		return nil, err
	}
	outcome, err := o.propose(r, text)
	if err != nil {
		return nil, err
	}
	return o.validation(outcome), nil
}

func (o Options) propose(r *http.Request, text []byte) (*catalog.Outcome, error) {
	outcome, err := catalog.Propose(r.Context(), o.Folder.Dir, o.Folder.Options, catalog.Proposal{File: editing.Typed, Text: text})
	if err != nil {
		return nil, failure{http.StatusServiceUnavailable, err}
	}
	return outcome, nil
}

func (o Options) validation(outcome *catalog.Outcome) Validation {
	v := Validation{Valid: true, Problems: list(outcome.Problems), Promises: []wire.Promise{}}
	v.Valid = !slices.ContainsFunc(v.Problems, func(p catalog.Problem) bool { return p.Severity == catalog.Error })
	for _, l := range outcome.After.Listed {
		if l.File == editing.Typed {
			v.Documents++
		}
	}
	var after []*agreement.Agreement
	names := map[string]bool{}
	for _, e := range concerned(outcome) {
		if e.after != nil && len(after) < previewsAtOnce {
			after = append(after, e.after)
			names[e.name] = e.kind == "Agreement"
		}
	}
	v.Alerts = wire.NewObjectiveAlerts(planning.CheckWrittenAlerts(after, o.Now(), o.Engine.Resolution()))
	for _, p := range wire.NewPromises(planning.CheckPromises(outcome.After.Agreements, o.Now())) {
		if names[p.Agreement] {
			v.Promises = append(v.Promises, p)
		}
	}
	return v
}
