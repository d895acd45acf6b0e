package demo

// The services that a customer of the shop meets: payments, checkout, search
// and the pages themselves. Ratios and frequencies are chosen so that each
// agreement's error budget has a character of its own; the package's tests say
// which.

func (c *company) payments() {
	for _, region := range []struct {
		name     string
		factor   float64
		shape    *shape
		slowness float64
	}{{"eu", 1, europeShops, 0.008}, {"us", 0.4, americaShops, 0.014}} {
		p := c.process("payments-api", "region", region.name).up()
		var streams []*stream
		for _, consumer := range []struct {
			name      string
			perMinute float64
		}{{"checkout", 240}, {"storefront", 130}, {"fulfillment", 20}} { // sic: one client spells it the American way
			s := &stream{seed: p.seed.and(uint64(len(streams)) + 10), perMinute: consumer.perMinute * region.factor,
				shape: region.shape, failing: 0.0003, refused: 0.04}
			streams = append(streams, s)
			p.counter("http_requests_total", s.answered, "consumer", consumer.name, "code", "200")
			p.counter("http_requests_total", s.turnedAway, "consumer", consumer.name, "code", "422")
			p.counter("http_requests_total", s.failed, "consumer", consumer.name, "code", "503")
		}
		p.histogram("http_request_duration_seconds", &latency{
			seed: p.seed.and(20), count: requestsOf(streams), shape: region.shape,
			quick: law{0.09, 0.45}, slow: law{0.8, 0.5}, slowShare: region.slowness, atPeak: 0.002,
		}, []float64{0.05, 0.1, 0.3, 1})
	}
	c.story(story{title: "bad deploy", job: "payments-api", alert: "PaymentsFailing",
		when: scattered{seed: seedOf("payments deploy"), every: 14, days: workdays, hours: [2]int64{8, 15}, minutes: [2]int64{20, 40}},
		does: []force{{failing, 0.12, 0.3}, {slow, 0.05, 0.2}}})
	c.story(story{title: "card network slow", job: "payments-api", only: map[string]string{"region": "eu"},
		when: scattered{seed: seedOf("card network"), every: 9, days: anyDay, hours: [2]int64{7, 20}, minutes: [2]int64{30, 80}},
		does: []force{{slow, 0.15, 0.4}}})
}

func (c *company) checkout() {
	for _, region := range []struct {
		name      string
		perMinute float64
		shape     *shape
		failing   float64
		lives     recurrence
	}{
		{"eu", 300, europeShops, 0.00137, nil},
		{"us", 120, americaShops, 0.0011, nil},
		// The pop-up shop opens for six weeks, closes, and opens again.
		{"popup", 40, europeShops, 0.0012, scattered{seed: seedOf("pop-up"), every: 60, first: 10, days: workdays,
			hours: [2]int64{7, 9}, minutes: [2]int64{42 * minutesPerDay, 42 * minutesPerDay}}},
	} {
		p := c.process("checkout-api", "region", region.name)
		p.lives = region.lives
		p.up()
		s := &stream{seed: p.seed, perMinute: region.perMinute, shape: region.shape, failing: region.failing, refused: 0.02}
		p.counter("http_requests_total", s.answered, "code", "200")
		p.counter("http_requests_total", s.turnedAway, "code", "409")
		p.counter("http_requests_total", s.failed, "code", "500")
		p.histogram("http_request_duration_seconds", &latency{
			seed: p.seed.and(20), count: s.requests, shape: region.shape,
			quick: law{0.11, 0.5}, slow: law{1.2, 0.5}, slowShare: 0.005, atPeak: 0.001,
		}, []float64{0.1, 0.25, 0.5, 1, 2.5})
	}
	// The regions are released one after the other, each with its own luck.
	for _, region := range []string{"eu", "us"} {
		c.story(story{title: "release " + region, job: "checkout-api", only: map[string]string{"region": region}, alert: "CheckoutFailing",
			when: scattered{seed: seedOf("checkout release", region), every: 7, days: workdays, hours: [2]int64{8, 15}, minutes: [2]int64{10, 18}},
			does: []force{{failing, 0.2, 0.35}, {slow, 0.02, 0.1}}})
	}
	c.story(story{title: "newsletter", job: "checkout-api",
		when: scattered{seed: seedOf("newsletter"), every: 9, days: anyDay, hours: [2]int64{16, 18}, minutes: [2]int64{60, 120}},
		does: []force{{busy, 0.4, 0.9}, {slow, 0, 0.01}}})
}

func (c *company) search() {
	for _, region := range []struct {
		name      string
		perMinute float64
		shape     *shape
	}{{"eu", 900, europeShops}, {"us", 350, americaShops}} {
		p := c.process("search-api", "region", region.name).up()
		s := &stream{seed: p.seed, perMinute: region.perMinute, shape: region.shape, failing: 0.0015, refused: 0.08}
		p.counter("grpc_server_handled_total", s.answered, "grpc_code", "OK")
		p.counter("grpc_server_handled_total", s.turnedAway, "grpc_code", "Canceled")
		// A code is first seen with its first error: before, there is no series.
		p.counter("grpc_server_handled_total", s.failed, "grpc_code", "DeadlineExceeded").unseenAbsent = true
		rare := &stream{seed: p.seed.and(5), perMinute: 0.004, shape: region.shape}
		p.counter("grpc_server_handled_total", rare.requests, "grpc_code", "Internal").unseenAbsent = true
		p.native("search_request_duration_seconds", &latency{
			seed: p.seed.and(20), count: s.requests, shape: region.shape,
			quick: law{0.08, 0.6}, slow: law{0.7, 0.5}, slowShare: 0.004, atPeak: 0.002,
		})
	}
	c.story(story{title: "line to America cut", job: "search-api", only: map[string]string{"region": "us"},
		when: scattered{seed: seedOf("line"), every: 15, days: anyDay, hours: [2]int64{0, 23}, minutes: [2]int64{8, 30}},
		does: []force{{blind, 1, 1}}})
	indexer := c.process("search-indexer").up()
	indexer.gauge("search_index_age_seconds", func(mo *moment) float64 {
		return float64(mo.minute%10)*60 + indexer.seed.within(mo.minute, 20, 90) + mo.strength[lagging]
	})
	c.story(story{title: "indexer stuck", job: "search-indexer",
		when: scattered{seed: seedOf("indexer"), every: 10, days: anyDay, hours: [2]int64{0, 23}, minutes: [2]int64{40, 90}},
		does: []force{{lagging, 1900, 4000}}})
	c.story(story{title: "shard lost", job: "search-api", alert: "SearchFailing",
		when: scattered{seed: seedOf("shard"), every: 20, days: anyDay, hours: [2]int64{0, 23}, minutes: [2]int64{10, 25}},
		does: []force{{failing, 0.2, 0.4}, {slow, 0.1, 0.2}}})
	c.story(story{title: "index rebuilt", job: "search-api",
		when: scattered{seed: seedOf("rebuild"), every: 7, days: anyDay, hours: [2]int64{1, 4}, minutes: [2]int64{30, 60}},
		does: []force{{slow, 0.1, 0.25}}})
	// The documents exclude it: provisioning/slas/search/search.yaml.
	c.story(story{title: "load test", job: "search-api",
		when: planned{zone: c.berlin, weekday: 3, begin: 14*60 + 2, minutes: 40},
		does: []force{{busy, 2, 3}, {slow, 0.3, 0.6}, {failing, 0.02, 0.06}}})
}

func (c *company) storefront() {
	p := c.process("storefront").up()
	desktop := &stream{seed: p.seed.and(1), perMinute: 800, shape: europeShops, failing: 0.003}
	mobile := &stream{seed: p.seed.and(2), perMinute: 1500, shape: europeShops, failing: 0.0045}
	robots := &stream{seed: p.seed.and(3), perMinute: 12, shape: nights}
	p.counter("page_views_total", desktop.requests, "device", "desktop")
	p.counter("page_views_total", mobile.requests, "device", "mobile")
	p.counter("page_errors_total", desktop.failed, "device", "desktop", "agent", "browser")
	p.counter("page_errors_total", mobile.failed, "device", "mobile", "agent", "browser")
	p.counter("page_errors_total", robots.requests, "device", "desktop", "agent", "robot")
	c.story(story{title: "broken script", job: "storefront", alert: "PagesBroken",
		when: scattered{seed: seedOf("script"), every: 11, days: workdays, hours: [2]int64{9, 19}, minutes: [2]int64{12, 25}},
		does: []force{{failing, 0.15, 0.35}}})
	c.story(story{title: "sale", job: "storefront",
		when: scattered{seed: seedOf("sale"), every: 12, days: anyDay, hours: [2]int64{17, 19}, minutes: [2]int64{90, 200}},
		does: []force{{busy, 0.5, 1.5}}})
}

func (c *company) shipping() {
	p := c.process("shipping-labels").up()
	s := &stream{seed: p.seed, perMinute: 30, shape: europeShops, failing: 0.003}
	p.counter("http_requests_total", s.answered, "code", "200")
	p.counter("http_requests_total", s.failed, "code", "500").unseenAbsent = true
}

func (c *company) recommendations() {
	p := c.process("recommendations").up()
	s := &stream{seed: p.seed, perMinute: 400, shape: europeShops, failing: 0.005}
	p.counter("http_requests_total", s.answered, "code", "200")
	p.counter("http_requests_total", s.failed, "code", "500")
}
