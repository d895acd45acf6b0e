package demo

// What the company's own people rely on: the events and figures of the data
// team, CI, and the service desk.

func (c *company) events() {
	p := c.process("order-events", "queue", "orders").up()
	p.gauge("queue_delay_seconds", func(mo *moment) float64 {
		return p.seed.within(mo.minute, 1, 6) + 2*europeShops[mo.week] + mo.strength[lagging]*p.seed.and(1).within(mo.minute, 0.8, 1.2)
	})
	s := &stream{seed: p.seed, perMinute: 280, shape: europeShops, failing: 0.0002}
	p.counter("queue_messages_total", s.answered, "outcome", "handled")
	p.counter("queue_messages_total", s.failed, "outcome", "dead_letter")
	c.story(story{title: "consumer stuck", job: "order-events", alert: "OrderEventsLate",
		when: scattered{seed: seedOf("consumer"), every: 5, days: workdays, hours: [2]int64{6, 20}, minutes: [2]int64{12, 32}},
		does: []force{{lagging, 90, 400}}})
	c.story(story{title: "exporter restarted", job: "order-events",
		when: scattered{seed: seedOf("events exporter"), every: 6, days: workdays, hours: [2]int64{8, 18}, minutes: [2]int64{8, 14}},
		does: []force{{blind, 1, 1}}})
}

func (c *company) warehouse() {
	p := c.process("warehouse").up()
	for _, set := range []struct {
		name  string
		every int64
	}{{"sales", 9}, {"stock", 25}} {
		// A late load begins at its usual time, five o'clock, and takes hours.
		late := scattered{seed: seedOf("late load", set.name), every: set.every, days: workdays,
			hours: [2]int64{5, 6}, minutes: [2]int64{150, 420}}
		c.story(story{title: "late load " + set.name, job: "warehouse", only: map[string]string{"dataset": set.name},
			alert: "WarehouseLoadLate", when: late})
		noise := p.seed.and(seedOf(set.name).bits())
		ready := func(day int64) int64 {
			minute := day*minutesPerDay + 5*60 + noise.among(day, 20)
			late.on(day, func(o occurrence) {
				if dayOf(o.from) == day {
					minute = o.to
				}
			})
			return minute
		}
		p.gauge("warehouse_freshness_seconds", func(mo *moment) float64 {
			loaded := ready(dayOf(mo.minute))
			if mo.minute < loaded {
				loaded = ready(dayOf(mo.minute) - 1)
			}
			return float64(mo.minute-loaded) * 60
		}, "dataset", set.name)
	}
	c.story(story{title: "exporter hangs", job: "warehouse",
		when: scattered{seed: seedOf("warehouse exporter"), every: 13, days: anyDay, hours: [2]int64{0, 20}, minutes: [2]int64{60, 180}},
		does: []force{{blind, 1, 1}}})
}

// oldReports still run, though nobody was promised them since their agreement
// was retired.
func (c *company) oldReports() {
	p := c.process("sales-reports").up()
	s := &stream{seed: p.seed, perMinute: 0.2, shape: nights, failing: 0.02}
	p.counter("report_runs_total", s.answered, "result", "sent")
	p.counter("report_runs_total", s.failed, "result", "failed").unseenAbsent = true
}

func (c *company) ci() {
	for _, pool := range []struct {
		name      string
		perMinute float64
		failing   float64
		slow      float64
	}{{"linux", 9, 0.008, 0.035}, {"mac", 1.5, 0.02, 0.05}} {
		p := c.process("ci", "pool", pool.name).up()
		jobs := &stream{seed: p.seed, perMinute: pool.perMinute, shape: offices, failing: pool.failing, refused: 0.15}
		p.counter("ci_jobs_total", jobs.answered, "result", "success")
		p.counter("ci_jobs_total", jobs.turnedAway, "result", "test_failure")
		p.counter("ci_jobs_total", jobs.failed, "result", "infra_failure")
		p.histogram("ci_job_queue_seconds", &latency{
			seed: p.seed.and(20), count: jobs.requests, shape: offices,
			quick: law{14, 0.6}, slow: law{260, 0.7}, slowShare: pool.slow, atPeak: 0.012,
		}, []float64{30, 60, 300, 900})
	}
	c.story(story{title: "registry down", job: "ci", alert: "RegistryDown",
		when: scattered{seed: seedOf("registry"), every: 10, days: workdays, hours: [2]int64{8, 15}, minutes: [2]int64{20, 40}},
		does: []force{{failing, 0.3, 0.6}, {slow, 0.1, 0.3}}})
}

func (c *company) tickets() {
	for _, priority := range []struct {
		name      string
		perMinute float64
		quick     law
	}{{"normal", 0.045, law{1.5, 0.62}}, {"urgent", 0.008, law{0.45, 0.7}}} {
		p := c.process("tickets")
		// The ticket system is released four times less often than the shop.
		p.restarts = scattered{seed: p.seed, every: 28, days: workdays, hours: [2]int64{17, 19}}
		s := &stream{seed: p.seed.and(seedOf(priority.name).bits()), perMinute: priority.perMinute, shape: offices}
		p.histogram("ticket_first_response_hours", &latency{
			seed: s.seed.and(20), count: s.requests, shape: offices,
			quick: priority.quick, slow: law{9, 0.6}, slowShare: 0.005,
		}, []float64{1, 4, 8, 24}, "priority", priority.name)
	}
	c.story(story{title: "half the desk is ill", job: "tickets",
		when: scattered{seed: seedOf("flu"), every: 24, days: workdays, hours: [2]int64{6, 7},
			minutes: [2]int64{minutesPerDay, 2 * minutesPerDay}},
		does: []force{{slow, 0.1, 0.25}}})
}
