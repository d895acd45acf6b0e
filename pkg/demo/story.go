package demo

// effect is one thing that a story does while it lasts.
type effect int

const (
	failing  effect = iota // ratio of requests that fail in addition, 0..1
	slow                   // ratio of requests that are slow in addition, 0..1
	busy                   // traffic in addition, as a multiple of the usual
	lagging                // added to a gauge, in the gauge's own unit
	down                   // 1: the process does not answer, and nothing is counted
	blind                  // 1: the process works, but no scrape succeeds
	alerting               // 1: the company's own alert fires
	effects
)

// force is how strongly an effect acts, drawn from low..high each time.
type force struct {
	effect    effect
	low, high float64
}

// story is a mishap, or anything else out of the ordinary, that comes again.
type story struct {
	title string
	job   string
	only  map[string]string // further labels of the series that it concerns
	when  recurrence
	does  []force
	alert string // name of the alert that fires meanwhile; empty: nobody noticed
}

// concerns reports whether the story acts on a series.
func (s *story) concerns(get func(label string) string) bool {
	if get("job") != s.job {
		return false
	}
	for name, value := range s.only {
		if get(name) != value {
			return false
		}
	}
	return true
}

// episode is one occurrence of a story with its forces drawn.
type episode struct {
	span
	strength [effects]float64
}

func (s *story) episode(o occurrence) episode {
	e := episode{span: o.span}
	for i, f := range s.does {
		e.strength[f.effect] = seedOf(s.job, s.title).and(uint64(i)).within(o.draw, f.low, f.high)
	}
	if s.alert != "" {
		e.strength[alerting] = 1
	}
	return e
}

// episodes are those of the stories that overlap the day.
func episodes(stories []*story, day int64) []episode {
	var all []episode
	for _, s := range stories {
		s.when.on(day, func(o occurrence) { all = append(all, s.episode(o)) })
	}
	return all
}
