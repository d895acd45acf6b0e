package conformance

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/accord-sla/accord/pkg/agreement"
)

// promises are what the documents say about objectives, as far as counting by
// hand needs it. They are read here a second time, without the product's own
// reader, so that a mistake of it cannot agree with itself.
type promises struct {
	slos       map[string]sloSpec
	agreements map[string]agreementSpec
}

type sloSpec struct {
	BudgetingMethod string          `yaml:"budgetingMethod"`
	TimeWindow      []timeWindow    `yaml:"timeWindow"`
	Objectives      []objectiveSpec `yaml:"objectives"`
}

type timeWindow struct {
	Duration string `yaml:"duration"`
	Calendar struct {
		TimeZone zone `yaml:"timeZone"`
	} `yaml:"calendar"`
}

type agreementSpec struct {
	TimeZone   zone            `yaml:"timeZone"`
	Objectives []objectiveSpec `yaml:"objectives"`
}

// objectiveSpec is an objective of an SLO or of an agreement; a field that is
// zero in the latter is taken from the former.
type objectiveSpec struct {
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
	Revisions       []struct {
		Target float64 `yaml:"target"`
	} `yaml:"revisions"`

	window agreement.Window // of the three places it may be written in
}

// windowSpec is a window as documents and expectations write it.
type windowSpec struct {
	Rolling  duration               `yaml:"rolling"`
	Calendar agreement.CalendarUnit `yaml:"calendar"`
	Offset   int                    `yaml:"offset"`
}

func (w windowSpec) in(z zone) agreement.Window {
	return agreement.Window{Rolling: w.Rolling.std(), Calendar: w.Calendar, Offset: w.Offset, Zone: z.location()}
}

func readPromises(documents string) (promises, error) {
	all := promises{slos: map[string]sloSpec{}, agreements: map[string]agreementSpec{}}
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
		switch {
		case err != nil:
		case document.Kind == "SLO":
			var spec sloSpec
			err = document.Spec.Decode(&spec)
			all.slos[document.Metadata.Name] = spec
		case document.Kind == "Agreement":
			var spec agreementSpec
			err = document.Spec.Decode(&spec)
			all.agreements[document.Metadata.Name] = spec
		}
		if err != nil {
			return promises{}, fmt.Errorf("%s %s: %w", document.Kind, document.Metadata.Name, err)
		}
	}
}

// objective is the agreement's objective with the SLO's fields filled in.
func (p promises) objective(agreementName, name string) (objectiveSpec, error) {
	owner, known := p.agreements[agreementName]
	if !known {
		return objectiveSpec{}, fmt.Errorf("no agreement %s in the documents", agreementName)
	}
	for _, o := range owner.Objectives {
		if o.Name != name {
			continue
		}
		o.window = o.Window.in(owner.TimeZone)
		if o.SLO == "" {
			return o, nil
		}
		slo, known := p.slos[o.SLO]
		if !known || len(slo.Objectives) != 1 || len(slo.TimeWindow) != 1 {
			return objectiveSpec{}, fmt.Errorf("SLO %s: want one with one objective and one window", o.SLO)
		}
		return o.over(slo)
	}
	return objectiveSpec{}, fmt.Errorf("agreement %s has no objective %s", agreementName, name)
}

func (o objectiveSpec) over(slo sloSpec) (objectiveSpec, error) {
	base := slo.Objectives[0]
	if o.Target == 0 {
		o.Target = base.Target
	}
	if o.Op == "" {
		o.Op = base.Op
	}
	if o.Value == nil {
		o.Value = base.Value
	}
	if o.BudgetingMethod == "" {
		o.BudgetingMethod = slo.BudgetingMethod
	}
	if o.TimeSliceTarget == 0 {
		o.TimeSliceTarget = base.TimeSliceTarget
	}
	if o.TimeSliceWindow == 0 {
		o.TimeSliceWindow = base.TimeSliceWindow
	}
	if o.window.Rolling == 0 && !o.window.IsCalendar() {
		var err error
		if o.window, err = slo.TimeWindow[0].read(); err != nil {
			return objectiveSpec{}, err
		}
	}
	return o, nil
}

// calendarUnits are OpenSLO's durations that mean calendar windows. 1d and 1w
// are read as rolling: the scenarios write no calendar day or week this way.
var calendarUnits = map[string]agreement.CalendarUnit{"1M": agreement.Month, "1Q": agreement.Quarter, "1Y": agreement.Year}

func (w timeWindow) read() (agreement.Window, error) {
	if unit, calendar := calendarUnits[w.Duration]; calendar {
		return agreement.Window{Calendar: unit, Zone: w.Calendar.TimeZone.location()}, nil
	}
	var rolling duration
	err := rolling.UnmarshalYAML(&yaml.Node{Kind: yaml.ScalarNode, Value: w.Duration})
	return agreement.Window{Rolling: rolling.std()}, err
}
