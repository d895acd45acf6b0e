package scope

import (
	"maps"
	"slices"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/ar"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/mw"
	"github.com/rickar/cal/v2/nc"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/ru"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
	"github.com/rickar/cal/v2/ua"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"
)

// nationalHolidays are the nationwide holidays by ISO 3166-1 alpha-2 code of the
// country. Holidays of single regions are left out; GB is England and Wales, as in
// the library.
var nationalHolidays = map[string][]*cal.Holiday{
	"AR": public(ar.Holidays),
	"AT": public(at.Holidays),
	"AU": inAll(au.HolidaysACT, au.HolidaysNSW, au.HolidaysNT, au.HolidaysQLD, au.HolidaysSA, au.HolidaysTAS, au.HolidaysVIC, au.HolidaysWA),
	"BE": public(be.Holidays),
	"BG": public(bg.Holidays),
	"BR": append(public(br.Holidays), yearly("Dia da Consciência Negra", time.November, 20, 2024)),
	"CA": without(ca.Holidays, ca.EasterMonday, ca.CivicDay),
	"CH": inAll(
		ch.HolidaysZH, ch.HolidaysBE, ch.HolidaysLU, ch.HolidaysUR, ch.HolidaysSZ, ch.HolidaysOW, ch.HolidaysNW, ch.HolidaysGL, ch.HolidaysZG, ch.HolidaysFR, ch.HolidaysSO, ch.HolidaysBS, ch.HolidaysBL,
		ch.HolidaysSH, ch.HolidaysAR, ch.HolidaysAI, ch.HolidaysSG, ch.HolidaysGR, ch.HolidaysAG, ch.HolidaysTG, ch.HolidaysTI, ch.HolidaysVD, ch.HolidaysVS, ch.HolidaysNE, ch.HolidaysGE, ch.HolidaysJU,
	),
	"CZ": public(cz.Holidays),
	"DE": public(de.Holidays),
	"DK": public(dk.Holidays),
	"ES": public(es.Holidays),
	"FR": public(fr.Holidays),
	"GB": public(gb.Holidays),
	"GR": public(gr.Holidays),
	"HR": public(hr.Holidays),
	"IE": public(ie.Holidays),
	"IT": public(it.Holidays),
	"JP": public(jp.Holidays),
	"LT": public(lt.Holidays),
	"LV": public(lv.Holidays),
	"MW": public(mw.Holidays),
	"NC": public(nc.Holidays),
	"NL": public(nl.Holidays),
	"NO": public(no.Holidays),
	"NZ": public(nz.Holidays),
	"PL": append(public(pl.Holidays), yearly("Wigilia", time.December, 24, 2025)),
	"RO": public(ro.Holidays),
	"RU": public(ru.Holidays),
	"SE": public(se.Holidays),
	"SI": public(si.Holidays),
	"SK": public(sk.Holidays),
	"UA": public(ua.Holidays),
	"US": public(us.Holidays),
	"ZA": public(za.Holidays),
}

// Countries returns the sorted codes of the countries whose holidays are known.
func Countries() []string { return slices.Sorted(maps.Keys(nationalHolidays)) }

// public leaves out days off that are merely customary, such as Christmas Eve in Sweden.
func public(holidays []*cal.Holiday) []*cal.Holiday {
	return slices.DeleteFunc(slices.Clone(holidays), func(h *cal.Holiday) bool { return h.Type == cal.ObservanceOther })
}

// inAll returns the holidays that every region has on the same day, whatever their name.
func inAll(first []*cal.Holiday, regions ...[]*cal.Holiday) []*cal.Holiday {
	return slices.DeleteFunc(slices.Clone(first), func(h *cal.Holiday) bool {
		same := func(other *cal.Holiday) bool {
			for year := 2020; year < 2030; year++ {
				one, _ := h.Calc(year)
				if another, _ := other.Calc(year); !one.Equal(another) {
					return false
				}
			}
			return true
		}
		return slices.ContainsFunc(regions, func(region []*cal.Holiday) bool { return !slices.ContainsFunc(region, same) })
	})
}

// yearly returns a holiday that the library lacks.
func yearly(name string, month time.Month, day, since int) *cal.Holiday {
	return &cal.Holiday{Name: name, Type: cal.ObservancePublic, Month: month, Day: day, StartYear: since, Func: cal.CalcDayOfMonth}
}

func without(holidays []*cal.Holiday, regional ...*cal.Holiday) []*cal.Holiday {
	return slices.DeleteFunc(slices.Clone(holidays), func(h *cal.Holiday) bool { return slices.Contains(regional, h) })
}
