package measure

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/scope"
)

// firing are the alerts that fired for an agreement, by name: those of
// Prometheus' ALERTS that carry its service or its own name as a label.
type firing struct {
	step  int64
	spans map[string][]scope.Interval
}

// alertPoints bounds the points of the range query for ALERTS.
const alertPoints = 10_000

// firing asks which alerts fired between two instants.
func (e *Engine) firing(ctx context.Context, a *agreement.Agreement, from, to time.Time) (firing, error) {
	step := floor(to.Sub(from).Milliseconds()/alertPoints, minute) + minute
	fired := firing{step: step, spans: map[string][]scope.Interval{}}
	query := fmt.Sprintf(`group by (alertname) (ALERTS{alertstate="firing",service=%s} or ALERTS{alertstate="firing",agreement=%s})`,
		strconv.Quote(a.Service), strconv.Quote(a.Name))
	_, err := e.ask(ctx, query, floor(from.UnixMilli(), step)+step, floor(to.UnixMilli(), step)+step, step, fired)
	return fired, err
}

// Series takes the next alert of the answer.
func (f firing) Series(labels map[string]string) (func(int64, float64), error) {
	name := labels["alertname"]
	return func(at int64, _ float64) {
		f.spans[name] = append(f.spans[name], scope.Interval{From: at - f.step, To: at})
	}, nil
}

// during are the names of the alerts that fired within the time, sorted.
func (f firing) during(from, to time.Time) []string {
	var names []string
	for name, spans := range f.spans {
		if scope.Union(spans...).Length(from.UnixMilli(), to.UnixMilli()) > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
