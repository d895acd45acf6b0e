package main

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/accord-sla/accord/pkg/demo"
	"github.com/accord-sla/accord/pkg/demo/promserver"
)

// oddPaths are label values that an address, a page or a query could stumble on.
var oddPaths = []string{"/pay?part=1/2&share=100%", "<img src=x onerror=attacked=1>", `a,b="c"`}

// writeOdd adds to a history odd_requests_total{path,code}, in the days before
// the example company's own begin.
func writeOdd(dir string, now time.Time) error {
	begin := now.UTC().Truncate(24*time.Hour).AddDate(0, 0, -demo.Days)
	return promserver.WriteBlocks(context.Background(), dir, begin.AddDate(0, 0, -3), begin.AddDate(0, 0, -1), oddSeries, nil)
}

func oddSeries(from, to time.Time) iter.Seq[promserver.Series] {
	var all []promserver.Series
	for _, path := range oddPaths {
		for code, perMinute := range map[string]int64{"200": 99, "500": 1} {
			all = append(all, promserver.Series{
				Labels:  labels.FromStrings(model.MetricNameLabel, "odd_requests_total", "path", path, "code", code),
				Samples: rising(from, to, perMinute),
			})
		}
	}
	return slices.Values(all)
}

func rising(from, to time.Time, perMinute int64) iter.Seq2[int64, float64] {
	return func(yield func(int64, float64) bool) {
		for at := from; at.Before(to); at = at.Add(demo.Scrape) {
			if !yield(at.UnixMilli(), float64(at.Unix()/60*perMinute)) {
				return
			}
		}
	}
}
