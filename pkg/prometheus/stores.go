package prometheus

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"

	"golang.org/x/sync/semaphore"
)

// thanos is the name of the server that queries stores, and silently omits one that it no longer sees.
const thanos = "Thanos"

// storesAge is how old the list of stores may be before a query; it only serves to know which stores exist.
const storesAge = 5 * time.Second

// storesMargin is how far before its time range a query may read.
const storesMargin = 24 * time.Hour

// store is a store that Thanos queries, as listed by /api/v1/stores.
type store struct {
	Name             string
	LastError        *string
	LabelSets        []map[string]string
	MinTime, MaxTime int64 // Unix milliseconds
	seen             time.Time
}

// identity identifies the data of the store: a store that restarts may have another address.
func (s store) identity() string {
	if len(s.LabelSets) == 0 {
		return s.Name
	}
	text, _ := json.Marshal(s.LabelSets) // sorted by label
	return string(text)
}

func (s store) String() string {
	if len(s.LabelSets) == 0 {
		return s.Name
	}
	return s.Name + " " + shorten(s.identity(), maxQuery)
}

type storeWatch struct {
	listing *semaphore.Weighted // one at a time
	asked   time.Time
	hidden  time.Time        // until then, a list that was refused is not asked for again
	known   map[string]store // all seen so far, by identity
	failing map[string]store // in the last list, by identity
}

// lostStores returns a warning for each store that may be missing in an answer with samples in [from, to]. It
// lists the stores again if the last list is older than since.
func (c *Client) lostStores(ctx context.Context, since time.Time, from, to int64) (warnings []string) {
	w := &c.stores
	if w.listing.Acquire(ctx, 1) != nil {
		return nil
	}
	defer w.listing.Release(1)
	if w.asked.Before(since) {
		asked, listed := c.capabilities.now(), map[string][]store{}
		if asked.Before(w.hidden) {
			return nil
		}
		if err := c.data(ctx, "stores", url.Values{}, &listed); err != nil {
			if w.known == nil && KindOf(err) != Unavailable && !unanswered(err) { // a proxy, or another engine, has none
				w.hidden = asked.Add(doubtAfter)
			}
			return nil
		}
		w.take(asked, slices.Concat(slices.Collect(maps.Values(listed))...))
	}
	for _, identity := range slices.Sorted(maps.Keys(w.known)) {
		switch s := w.known[identity]; {
		case s.MinTime > to || s.MaxTime < from-storesMargin.Milliseconds():
		case w.failing[identity].LastError != nil:
			warnings = append(warnings, fmt.Sprintf("store %s does not answer: %s", s, shorten(*w.failing[identity].LastError, maxMessage)))
		case s.seen.Before(w.asked):
			warnings = append(warnings, fmt.Sprintf("store %s was there until %s and is gone: where it is so for good, start anew",
				s, s.seen.UTC().Format(time.DateTime)))
		}
	}
	return warnings
}

// take stores a new list. A store that fails is ignored where another one has the same data.
func (w *storeWatch) take(asked time.Time, stores []store) {
	w.asked, w.failing = asked, map[string]store{}
	if w.known == nil {
		w.known = map[string]store{}
	}
	for _, s := range stores {
		if s.seen = asked; s.LastError == nil {
			w.known[s.identity()] = s
		}
	}
	for _, s := range stores {
		known, answered := w.known[s.identity()]
		if s.LastError != nil && (!answered || known.seen.Before(asked)) {
			if w.failing[s.identity()] = s; !answered {
				w.known[s.identity()] = s
			}
		}
	}
}
