package demo

import "math"

// The services below the shop: the gateway, the image network, sign-in,
// e-mail and the database.

func (c *company) gateway() {
	for _, region := range []struct {
		name      string
		perMinute float64
		shape     *shape
	}{{"eu", 2500, europeShops}, {"us", 900, americaShops}} {
		p := c.process("edge-gateway", "region", region.name).up()
		s := &stream{seed: p.seed, perMinute: region.perMinute, shape: region.shape, failing: 0.0002, refused: 0.03}
		p.counter("http_requests_total", s.answered, "code", "200")
		p.counter("http_requests_total", s.turnedAway, "code", "404")
		p.counter("http_requests_total", s.failed, "code", "502")
	}
	c.story(story{title: "routes flap", job: "edge-gateway", alert: "GatewayFailing",
		when: scattered{seed: seedOf("routes"), every: 10, days: anyDay, hours: [2]int64{0, 23}, minutes: [2]int64{4, 8}},
		does: []force{{failing, 0.08, 0.2}}})
}

func (c *company) images() {
	probe := c.process("image-probe").up()
	probe.gauge("image_probe_success_ratio", func(mo *moment) float64 {
		// One of twenty probes fails now and then.
		usual := 0.05 * math.Floor(probe.seed.at(mo.minute)+0.02)
		return math.Max(0, 1-usual-mo.strength[failing])
	})
	for _, pop := range []struct {
		name  string
		usual float64
	}{{"ams", 0.002}, {"fra", 0.003}, {"iad", 0.006}} {
		p := c.process("image-cdn", "pop", pop.name).up()
		p.gauge("cdn_edge_error_ratio", func(mo *moment) float64 {
			return math.Min(1, p.seed.within(mo.minute, 0.5, 1.5)*pop.usual+mo.strength[failing])
		})
	}
	c.story(story{title: "network outage", job: "image-probe", alert: "ImagesMissing",
		when: scattered{seed: seedOf("cdn outage"), every: 25, days: anyDay, hours: [2]int64{6, 22}, minutes: [2]int64{20, 40}},
		does: []force{{failing, 0.5, 0.9}}})
	c.story(story{title: "probe moved", job: "image-probe",
		when: scattered{seed: seedOf("probe"), every: 10, days: workdays, hours: [2]int64{8, 15}, minutes: [2]int64{10, 25}},
		does: []force{{blind, 1, 1}}})
	c.story(story{title: "Frankfurt overloaded", job: "image-cdn", only: map[string]string{"pop": "fra"},
		when: scattered{seed: seedOf("fra"), every: 8, days: anyDay, hours: [2]int64{17, 21}, minutes: [2]int64{20, 45}},
		does: []force{{failing, 0.2, 0.6}}})
}

func (c *company) identity() {
	for _, region := range []struct {
		name      string
		perMinute float64
		shape     *shape
	}{{"eu", 60, europeShops}, {"us", 25, americaShops}} {
		p := c.process("identity", "region", region.name, "replica", "a").up()
		s := &stream{seed: p.seed, perMinute: region.perMinute, shape: region.shape, failing: 0.0009, refused: 0.06}
		p.counter("login_attempts_total", s.answered, "result", "success")
		p.counter("login_attempts_total", s.turnedAway, "result", "denied")
		p.counter("login_attempts_total", s.failed, "result", "error")
		c.process("identity", "region", region.name, "replica", "b").up()
		c.story(story{title: "outage " + region.name, job: "identity", only: map[string]string{"region": region.name}, alert: "SignInDown",
			when: scattered{seed: seedOf("identity", region.name), every: 40, days: anyDay, hours: [2]int64{0, 23}, minutes: [2]int64{4, 9}},
			does: []force{{down, 1, 1}}})
	}
	// A lost replica is no outage: the other one answers.
	c.story(story{title: "replica moved", job: "identity", only: map[string]string{"replica": "b"},
		when: scattered{seed: seedOf("identity replica"), every: 6, days: anyDay, hours: [2]int64{0, 23}, minutes: [2]int64{3, 12}},
		does: []force{{down, 1, 1}}})
}

func (c *company) email() {
	p := c.process("email").up()
	s := &stream{seed: p.seed, perMinute: 90, shape: europeShops, failing: 0.006}
	p.counter("emails_sent_total", s.answered, "result", "delivered")
	p.counter("emails_sent_total", s.failed, "result", "bounced")
	c.story(story{title: "throttled", job: "email", alert: "MailThrottled",
		when: scattered{seed: seedOf("mail"), every: 9, days: anyDay, hours: [2]int64{7, 20}, minutes: [2]int64{50, 90}},
		does: []force{{failing, 0.15, 0.35}}})
}

func (c *company) databases() {
	c.process("orders-db", "role", "primary").up()
	replica := c.process("orders-db", "role", "replica").up()
	replica.gauge("pg_replication_lag_seconds", func(mo *moment) float64 {
		batch := 4 * nights[mo.week] / 10
		return replica.seed.within(mo.minute, 0.2, 1.5) + batch + mo.strength[lagging]
	})
	c.story(story{title: "failover", job: "orders-db", only: map[string]string{"role": "primary"}, alert: "OrdersDatabaseDown",
		when: scattered{seed: seedOf("failover"), every: 11, days: anyDay, hours: [2]int64{0, 23}, minutes: [2]int64{2, 5}},
		does: []force{{down, 1, 1}}})
	c.story(story{title: "heavy report", job: "orders-db", only: map[string]string{"role": "replica"},
		when: scattered{seed: seedOf("heavy report"), every: 8, days: workdays, hours: [2]int64{7, 16}, minutes: [2]int64{20, 60}},
		does: []force{{lagging, 12, 60}}})
	// The documents exclude it: provisioning/slas/databases/databases.yaml.
	c.story(story{title: "upgrade", job: "orders-db", only: map[string]string{"role": "primary"},
		when: planned{zone: c.berlin, weekday: 0, nth: 2, begin: 2*60 + 10, minutes: 35},
		does: []force{{down, 1, 1}}})
}
