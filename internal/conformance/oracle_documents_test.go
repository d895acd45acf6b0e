package conformance

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// The oracle is a second calculator of every figure of a report, made to be
// read rather than to be quick: it holds each second of a window in its hand,
// adds one slot at a time, and shares nothing with the rooms it checks. Where
// it and the program differ, one of them misread the rules.

// oracleDocuments are the documents of a scenario as the oracle reads them.
type oracleDocuments struct {
	slos       map[string]oracleSLO
	agreements map[string]*oracleAgreement
	calendars  map[string]*oracleCalendar
	exclusions []oracleExclusion
}

type oracleSLO struct {
	BudgetingMethod string            `yaml:"budgetingMethod"`
	TimeWindow      []timeWindow      `yaml:"timeWindow"`
	Objectives      []oracleObjective `yaml:"objectives"`
}

type oracleAgreement struct {
	name      string
	Service   string   `yaml:"service"`
	Provider  string   `yaml:"provider"`
	Consumers []string `yaml:"consumers"`
	TimeZone  zone     `yaml:"timeZone"`
	Effective struct {
		From  asWritten `yaml:"from"`
		Until asWritten `yaml:"until"`
	} `yaml:"effective"`
	SupportHours string             `yaml:"supportHours"`
	Objectives   []*oracleObjective `yaml:"objectives"`
}

// oracleObjective is an objective of an SLO or of an agreement.
type oracleObjective struct {
	Name            string            `yaml:"name"`
	SLO             string            `yaml:"slo"`
	Target          float64           `yaml:"target"`
	Op              string            `yaml:"op"`
	Value           *float64          `yaml:"value"`
	BudgetingMethod string            `yaml:"budgetingMethod"`
	TimeSliceTarget float64           `yaml:"timeSliceTarget"`
	TimeSliceWindow duration          `yaml:"timeSliceWindow"`
	Window          windowSpec        `yaml:"window"`
	Select          map[string]string `yaml:"select"`
	GroupBy         []string          `yaml:"groupBy"`
	NoData          string            `yaml:"noData"`
	MinEvents       float64           `yaml:"minEvents"`
	MinCoverage     float64           `yaml:"minCoverage"`
	Revisions       []struct {
		From   asWritten `yaml:"from"`
		Target float64   `yaml:"target"`
	} `yaml:"revisions"`
}

type oracleCalendar struct {
	TimeZone zone `yaml:"timeZone"`
	Weekly   []struct {
		Days []string `yaml:"days"`
		From clock    `yaml:"from"`
		To   clock    `yaml:"to"`
	} `yaml:"weekly"`
	Holidays []struct {
		On     asWritten `yaml:"on"`
		Yearly asWritten `yaml:"yearly"`
	} `yaml:"holidays"`
}

type oracleExclusion struct {
	Services    []string `yaml:"services"`
	Agreements  []string `yaml:"agreements"`
	From        instant  `yaml:"from"`
	To          instant  `yaml:"to"`
	Recurrence  string   `yaml:"recurrence"`
	TimeZone    zone     `yaml:"timeZone"`
	Mode        string   `yaml:"mode"`
	RequestedBy string   `yaml:"requestedBy"`
	ApprovedBy  string   `yaml:"approvedBy"`
}

// asWritten is a scalar's text; dates are no timestamps here.
type asWritten string

// UnmarshalYAML takes the text as it stands.
func (w *asWritten) UnmarshalYAML(node *yaml.Node) error {
	*w = asWritten(node.Value)
	return nil
}

func readOracleDocuments(documents string) (*oracleDocuments, error) {
	all := &oracleDocuments{
		slos: map[string]oracleSLO{}, agreements: map[string]*oracleAgreement{}, calendars: map[string]*oracleCalendar{},
	}
	decoder := yaml.NewDecoder(strings.NewReader(documents))
	for {
		var document struct {
			Kind     string `yaml:"kind"`
			Metadata struct {
				Name string `yaml:"name"`
			} `yaml:"metadata"`
			Spec yaml.Node `yaml:"spec"`
		}
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err == nil {
			err = all.add(document.Kind, document.Metadata.Name, &document.Spec)
		}
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", document.Kind, document.Metadata.Name, err)
		}
	}
}

func (d *oracleDocuments) add(kind, name string, spec *yaml.Node) error {
	switch kind {
	case "SLO":
		var slo oracleSLO
		if err := spec.Decode(&slo); err != nil {
			return err
		}
		d.slos[name] = slo
	case "Agreement":
		a := &oracleAgreement{name: name}
		d.agreements[name] = a
		return spec.Decode(a)
	case "Calendar":
		c := &oracleCalendar{}
		d.calendars[name] = c
		return spec.Decode(c)
	case "Exclusion":
		var x oracleExclusion
		if err := spec.Decode(&x); err != nil {
			return err
		}
		d.exclusions = append(d.exclusions, x)
	}
	return nil
}

// resolved is the objective with what it takes over from its SLO.
func (d *oracleDocuments) resolved(o oracleObjective) (oracleObjective, windowSpec, *time.Location, error) {
	if o.SLO == "" {
		return o, o.Window, nil, nil
	}
	slo, known := d.slos[o.SLO]
	if !known || len(slo.Objectives) != 1 || len(slo.TimeWindow) != 1 {
		return o, o.Window, nil, fmt.Errorf("SLO %s: want one with one objective and one window", o.SLO)
	}
	base := slo.Objectives[0]
	take(&o.Target, base.Target)
	take(&o.Op, base.Op)
	take(&o.Value, base.Value)
	take(&o.BudgetingMethod, slo.BudgetingMethod)
	take(&o.TimeSliceTarget, base.TimeSliceTarget)
	take(&o.TimeSliceWindow, base.TimeSliceWindow)
	if o.Window != (windowSpec{}) {
		return o, o.Window, nil, nil
	}
	window, err := slo.TimeWindow[0].read()
	spec := windowSpec{Rolling: duration(window.Rolling), Calendar: window.Calendar}
	return o, spec, slo.TimeWindow[0].Calendar.TimeZone.location(), err
}

// take fills in what is not set.
func take[T comparable](field *T, from T) {
	var zero T
	if *field == zero {
		*field = from
	}
}

// second reads an instant or a date of the zone as Unix seconds.
func second(text asWritten, in *time.Location) int64 {
	if t, err := time.Parse(time.RFC3339, string(text)); err == nil {
		return t.Unix()
	}
	midnight, err := time.Parse(time.DateOnly, string(text))
	if err != nil {
		panic(err)
	}
	return instantOfWall(midnight, in)
}

// effective is from and until in Unix seconds.
func (a *oracleAgreement) effective() (from, until int64) {
	from, until = math.MinInt64, math.MaxInt64
	if a.Effective.From != "" {
		from = second(a.Effective.From, a.TimeZone.location())
	}
	if a.Effective.Until != "" {
		until = second(a.Effective.Until, a.TimeZone.location())
	}
	return from, until
}

func (a *oracleAgreement) isParty(team string) bool {
	return team == a.Provider || slices.Contains(a.Consumers, team)
}

// hasEffectIn follows docs/documents.md, «Exclude time».
func (x oracleExclusion) hasEffectIn(a *oracleAgreement) bool {
	if !slices.Contains(x.Agreements, a.name) && !slices.Contains(x.Services, a.Service) {
		return false
	}
	return x.ApprovedBy != "" && x.ApprovedBy != x.RequestedBy && a.isParty(x.ApprovedBy)
}

// targetAt is the one in force at the second.
func (o oracleObjective) targetAt(t int64, in *time.Location) float64 {
	target := o.Target
	for _, r := range o.Revisions {
		if second(r.From, in) <= t {
			target = r.Target
		}
	}
	return target
}
