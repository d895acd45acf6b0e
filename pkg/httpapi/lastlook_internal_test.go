package httpapi

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/accord-sla/accord/pkg/catalog"
)

func TestALookIsSharedAndTheOneBeforeIsThereMeanwhile(t *testing.T) {
	l, c, at := &lastLook{}, &catalog.Catalog{}, time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	until := func(release chan struct{}, text string) func(context.Context, *catalog.Catalog) ([]Finding, bool) {
		return func(context.Context, *catalog.Catalog) ([]Finding, bool) {
			<-release
			return []Finding{{Text: text}}, true
		}
	}
	none := func(context.Context, *catalog.Catalog) ([]Finding, bool) { panic("it is looked again") }

	released := make(chan struct{})
	last, first := l.begin(c, at, until(released, "first"))
	assert.Nil(t, last)
	_, shared := l.begin(c, at.Add(10*time.Second), none)
	assert.Same(t, first, shared, "one look at a time")
	close(released)
	<-first.done
	last, newest := l.begin(c, at, none)
	assert.Same(t, first, last)
	assert.Same(t, first, newest, "nothing is newer")

	released = make(chan struct{})
	last, second := l.begin(c, at.Add(10*time.Second), until(released, "second"))
	assert.Equal(t, "first", last.found[0].Text)
	last, third := l.begin(&catalog.Catalog{}, at, until(released, "third"))
	assert.Nil(t, last, "what was found of other documents")
	last, _ = (&lastLook{finished: first}).begin(c, at.Add(time.Hour), until(released, "much later"))
	assert.Nil(t, last, "what was found an hour ago says little of now")
	close(released)
	<-second.done
	<-third.done
	assert.Equal(t, "third", l.finished.found[0].Text, "an older look does not take the place of a newer")
}

func TestALookThatRanOutOfTimeStandsBackBehindAWholeOne(t *testing.T) {
	l, c, at := &lastLook{}, &catalog.Catalog{}, time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	var shown []string
	for i, of := range []struct {
		text  string
		whole bool
	}{{"part", false}, {"more of it", false}, {"all", true}, {"part again", false}} {
		_, running := l.begin(c, at.Add(time.Duration(i)*time.Minute), func(context.Context, *catalog.Catalog) ([]Finding, bool) {
			return []Finding{{Text: of.text}}, of.whole
		})
		<-running.done
		shown = append(shown, l.finished.found[0].Text)
	}
	assert.Equal(t, []string{"part", "more of it", "all", "all"}, shown)
}

// A page has the instant of the look that it shows.
func TestFindingsAreAsOfTheirLook(t *testing.T) {
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	c := &catalog.Catalog{}
	h := newHandlers(Options{Now: func() time.Time { return at.Add(time.Minute) }})
	h.looks.finished = &look{catalog: c, at: at, found: []Finding{{Text: "before"}}, whole: true}
	h.looks.running = &look{catalog: c, at: at.Add(time.Minute), done: make(chan struct{})}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	found, of := h.looked(canceled, c)
	assert.Equal(t, "before", found[0].Text)
	assert.Equal(t, at, of)
}

// A look at ten thousand objectives takes longer than a page waits.
func TestALookThatTakesLongIsNotWaitedFor(t *testing.T) {
	for took, want := range map[time.Duration]time.Duration{time.Millisecond: nextLookWithin, time.Second: 0} {
		synctest.Test(t, func(t *testing.T) {
			c := &catalog.Catalog{}
			h := newHandlers(Options{Now: time.Now})
			_, first := h.looks.begin(c, time.Now(), func(context.Context, *catalog.Catalog) ([]Finding, bool) {
				time.Sleep(took)
				return []Finding{{Text: "before"}}, true
			})
			<-first.done
			h.looks.running = &look{catalog: c, done: make(chan struct{})}
			time.Sleep(time.Minute)
			start := time.Now()
			found, _ := h.looked(t.Context(), c)
			assert.Equal(t, "before", found[0].Text)
			assert.Equal(t, want, time.Since(start), "the last one took %s", took)
		})
	}
}
