package demo

// day is what of a series' calendar concerns one day; made once a day, so that
// a minute costs next to nothing.
type day struct {
	span     span
	episodes []episode
	restarts []int64
	lives    []span
	immortal bool
}

func (m *Metric) day(d int64) day {
	today := day{span: spanOfDay(d), episodes: episodes(m.stories, d), immortal: m.lives == nil}
	if m.lives != nil {
		m.lives.on(d, func(o occurrence) { today.lives = append(today.lives, o.span) })
	}
	if m.restarts != nil {
		m.restarts.on(d, func(o occurrence) {
			if today.span.contains(o.from) {
				today.restarts = append(today.restarts, o.from)
			}
		})
		for _, life := range today.lives { // a birth is a start too
			if today.span.contains(life.from) {
				today.restarts = append(today.restarts, life.from)
			}
		}
	}
	return today
}

// fill makes the moment that of the minute.
func (today *day) fill(mo *moment, minute int64) {
	*mo = moment{minute: minute, week: minuteOfWeek(minute), alive: today.immortal}
	for i := range today.episodes {
		if e := &today.episodes[i]; e.contains(minute) {
			for k, strength := range e.strength {
				mo.strength[k] += strength
			}
		}
	}
	for _, restart := range today.restarts {
		mo.restart = mo.restart || restart == minute
	}
	for _, life := range today.lives {
		mo.alive = mo.alive || life.contains(minute)
	}
}

// since is the minute from which a walk has to add up a counter to know it at
// first: its last restart. A gauge needs no past.
func (m *Metric) since(first, end int64) int64 {
	if m.restarts == nil || first >= end {
		return first
	}
	for d := dayOf(first); ; d-- {
		latest, found := int64(0), false
		for _, restart := range m.day(d).restarts {
			if restart <= first && (!found || restart > latest) {
				latest, found = restart, true
			}
		}
		if found {
			return latest
		}
	}
}
