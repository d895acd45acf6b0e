package slots

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"iter"
	"maps"
	"slices"
	"strconv"
	"sync"

	"github.com/accord-sla/accord/pkg/scope"
)

// recordID is the key of a stored record: a digest of its connection followed by one of its key.
type recordID string

// digest returns a digest of the given length that is unique to the list of texts.
func digest(length int, texts ...string) string {
	hash := sha256.New()
	for _, text := range texts {
		hash.Write([]byte(strconv.Itoa(len(text)) + " " + text))
	}
	return string(hash.Sum(nil)[:length])
}

// header is what is stored of a record besides its days. A day counts only if it has the checksum that the
// header has of it, so that a header and days from different writes are never used together.
type header struct {
	known
	Resolution int64               // of a slot, in milliseconds
	Groups     []map[string]string // days refer to them by index
	Sums       map[int64]uint32    // checksums, by day since the epoch
	// written is the number of the write; it is stored before the JSON.
	written uint64
}

// diskRecord is the state of a record on disk.
type diskRecord struct {
	disk *Disk // nil: in memory alone
	id   recordID
	once sync.Once // loads it

	// Under the lock of the record:
	groups []string         // the keys of header.Groups
	sums   map[int64]uint32 // checksums of the days on disk; nil: nothing is there
	dirty  map[int64]bool   // days that differ from those on disk
}

// touch marks the days of the set as changed.
func (d *diskRecord) touch(changed scope.Intervals) {
	if d.disk == nil {
		return
	}
	if d.dirty == nil {
		d.dirty = map[int64]bool{}
	}
	for day := range daysOf(changed) {
		d.dirty[day] = true
	}
}

func (r *Record) load() {
	if disk := r.disk.disk; disk != nil {
		r.disk.once.Do(func() { disk.load(r) })
	}
}

// daysOf yields the days since the epoch that the set touches.
func daysOf(set scope.Intervals) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for _, span := range set {
			for day := Floor(span.From, dayMillis) / dayMillis; day*dayMillis < span.To; day++ {
				if !yield(day) {
					return
				}
			}
		}
	}
}

// unsaved returns what must be written of the record: the header, and the days that have changed; whole says
// that everything else on disk of the record must be deleted.
func (r *Record) unsaved() (h header, changed map[int64][]byte, whole bool) {
	r.mu.Lock()
	d := &r.disk
	if len(d.groups) < len(r.groups) {
		added := maps.Clone(r.groups)
		maps.DeleteFunc(added, func(key string, _ Group) bool { return slices.Contains(d.groups, key) })
		d.groups = slices.AppendSeq(d.groups, maps.Keys(added))
	}
	groups := make([]Group, len(d.groups))
	for i, key := range d.groups {
		groups[i] = r.groups[key]
	}
	h = header{known: r.known.without(nil), Resolution: r.resolution.Milliseconds(), Sums: maps.Clone(d.sums)}
	dirty, whole := d.dirty, d.sums == nil
	if whole {
		dirty, h.Sums = map[int64]bool{}, map[int64]uint32{}
		for day := range daysOf(h.Closed.Union(h.Empty)) {
			dirty[day] = true
		}
	}
	d.dirty = nil
	r.mu.Unlock()
	for _, group := range groups {
		h.Groups = append(h.Groups, group.Labels)
	}
	changed = map[int64][]byte{}
	for day := range dirty {
		if h.Closed.Union(h.Empty).Length(day*dayMillis, (day+1)*dayMillis) == 0 {
			delete(h.Sums, day)
			continue
		}
		changed[day] = encodeDay(groups, day)
		h.Sums[day] = checksum(dayKey(d.id, day), changed[day])
	}
	return h, changed, whole
}

func encodeDay(groups []Group, number int64) []byte {
	value := []byte{}
	for i, group := range groups {
		if group.Series == nil || number < group.Series.firstDay || number >= group.Series.firstDay+int64(len(group.Series.days)) {
			continue
		}
		if day := group.Series.days[number-group.Series.firstDay]; day != nil {
			value = day.encode(binary.AppendUvarint(value, uint64(i)))
		}
	}
	return value
}

// saved records the checksums of the days on disk; nil if it is unknown what is there.
func (r *Record) saved(sums map[int64]uint32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.disk.sums = sums
}

// restore fills the record with the stored days whose checksums are right, and of these only with the slots
// that the header knows.
func (r *Record) restore(h header, stored func(day int64) []byte) {
	perDay := int(dayMillis / r.resolution.Milliseconds())
	days := make([]map[int64]*day, len(h.Groups))
	var whole []scope.Interval
	for number, sum := range h.Sums {
		value := stored(number)
		if value == nil || checksum(dayKey(r.disk.id, number), value) != sum || decodeGroups(value, number, days, perDay, r.timeBased) != nil {
			for _, of := range days {
				delete(of, number)
			}
			delete(h.Sums, number)
			continue
		}
		whole = append(whole, scope.Interval{From: number * dayMillis, To: (number + 1) * dayMillis})
	}
	verified := scope.Union(whole...)
	h.known = h.known.without(h.Closed.Union(h.Empty).Subtract(verified))
	unknown := verified.Subtract(h.Closed)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known, r.disk.sums = h.known, h.Sums
	for i, labels := range h.Groups {
		key := GroupKey(labels)
		r.disk.groups = append(r.disk.groups, key)
		if len(days[i]) == 0 {
			continue
		}
		numbers := slices.Sorted(maps.Keys(days[i]))
		series := NewSeries(r.resolution, r.timeBased).spanning(numbers[0], numbers[len(numbers)-1])
		for number, of := range days[i] {
			series.days[number-series.firstDay] = of
		}
		r.groups[key] = Group{Labels: labels, Series: series.cleared(unknown)}
	}
	r.resized()
}

// decodeGroups reads one day of each group that has it.
func decodeGroups(value []byte, number int64, days []map[int64]*day, perDay int, timeBased bool) error {
	for len(value) > 0 {
		i, n := binary.Uvarint(value)
		if n <= 0 || i >= uint64(len(days)) {
			return errUnreadable
		}
		of, rest, err := decodeDay(value[n:], perDay, timeBased)
		if err != nil {
			return err
		}
		if days[i] == nil {
			days[i] = map[int64]*day{}
		}
		days[i][number], value = of, rest
	}
	return nil
}

var polynomial = crc32.MakeTable(crc32.Castagnoli)

func checksum(key, value []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, polynomial), polynomial, value)
}

func dayKey(id recordID, day int64) []byte {
	return binary.BigEndian.AppendUint32([]byte(id), uint32(day))
}

// encode returns the stored header: a checksum, the number of the write, JSON.
func (h header) encode(id []byte) ([]byte, error) {
	text, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	value := append(binary.BigEndian.AppendUint64(make([]byte, 4), h.written), text...)
	binary.BigEndian.PutUint32(value, checksum(id, value[4:]))
	return value, nil
}

var errChecksum = errors.New("a stored record has not its checksum")

func decodeHeader(id, value []byte) (h header, err error) {
	if len(value) < 12 || binary.BigEndian.Uint32(value) != checksum(id, value[4:]) {
		return h, errChecksum
	}
	h.written = binary.BigEndian.Uint64(value[4:])
	return h, json.Unmarshal(value[12:], &h)
}
