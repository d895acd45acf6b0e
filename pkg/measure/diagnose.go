package measure

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/sli"
)

// diagnosed is how far back a diagnosis looks.
const diagnosed = 24 * time.Hour

// diagnose looks behind what came back empty: a bucket bound that no series
// has is an error, never «all is bad»; a select that matches nothing where the
// SLI without it has series is a reason for no data.
func (e *Engine) diagnose(ctx context.Context, r *reading) (missing string, err error) {
	t := r.task
	switch {
	case t.recording != nil && !r.measured():
		return t.notRecorded(), nil
	case t.recording != nil || t.objective.SLI.Kind.TimeBased():
		return "", nil
	}
	measured := r.measured()
	for _, term := range t.terms() {
		if err := e.checkBound(ctx, r, term, measured); err != nil {
			return "", err
		}
	}
	if measured {
		return "", nil
	}
	for _, term := range t.plan.Total {
		query, ok := term.WithoutSelectQuery(diagnosed)
		if !ok {
			continue
		}
		found := &labelValues{}
		if _, err := e.client.Query(ctx, query, r.at, found); err != nil {
			return "", err
		}
		if found.series > 0 {
			return fmt.Sprintf("select %s matches no series, though the SLI without it has some", selectText(t.objective.Select)), nil
		}
	}
	return "no series match the total query", nil
}

func (r *reading) measured() bool {
	for _, found := range r.found {
		if found.view.Sum(r.from.UnixMilli(), r.at.UnixMilli()).Measured > 0 {
			return true
		}
	}
	return false
}

// checkBound asks once per record whether the histogram has the bucket bound
// of the term, if it is a bucket. Where the total was measured but no bucket is
// found of late, all that was read is looked through: a bucket that never was
// there must not make all bad.
func (e *Engine) checkBound(ctx context.Context, r *reading, term sli.Term, measured bool) error {
	for _, length := range []time.Duration{diagnosed, r.at.Sub(r.from)} {
		query, asked, ok := term.Bounds(length)
		if !ok {
			return nil
		}
		key := r.task.key + " " + term.String()
		if _, checked := e.bounds.Load(key); checked {
			return nil
		}
		found := &labelValues{name: "le", values: map[string]bool{}}
		if _, err := e.client.Query(ctx, query, r.at, found); err != nil {
			return err
		}
		switch {
		case slices.ContainsFunc(asked, func(le string) bool { return found.values[le] }):
			e.bounds.Store(key, true)
			return nil
		case len(found.values) > 0:
			return fmt.Errorf("no bucket has le=%q; the bounds there are: %s", asked[0], strings.Join(found.sorted(), ", "))
		case !measured:
			return nil // nothing there at all: no bound to tell of
		}
	}
	return fmt.Errorf("no series match the bucket %s, though there are some of the total: check its name and labels", term.Selector())
}

// labelValues takes an answer for the values of one label.
type labelValues struct {
	name   string
	values map[string]bool
	series int
}

// Series takes the next series of the answer.
func (l *labelValues) Series(labels map[string]string) (func(int64, float64), error) {
	l.series++
	if l.values != nil {
		l.values[labels[l.name]] = true
	}
	return nil, nil
}

func (l *labelValues) sorted() []string {
	sorted := make([]string, 0, len(l.values))
	for value := range l.values {
		sorted = append(sorted, value)
	}
	sort.Slice(sorted, func(i, j int) bool {
		a, _ := strconv.ParseFloat(sorted[i], 64)
		b, _ := strconv.ParseFloat(sorted[j], 64)
		return a < b
	})
	return sorted
}

func selectText(labels map[string]string) string {
	return "{" + strings.ReplaceAll(GroupKey(labels), ",", ", ") + "}"
}
