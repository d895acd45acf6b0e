// Package demo is the history of an example company, the shop Kolibri, whose
// documents stand in provisioning/slas: what its Prometheus would have
// scraped, once a minute.
//
// Every sample is a pure function of its instant, so that history written on
// Monday and continued on Friday is the same as history written on Friday.
// Counters count from their last restart, and restarts lie at instants that
// are drawn from the calendar alone; the same goes for the company's mishaps
// (bad deploys, failovers, a network that is down), so that at any time some
// lie within the last weeks, and the report shows a mix of states.
//
// Nothing here reads the clock or knows what an agreement is: the numbers of a
// report are made elsewhere, from these samples, as from any others.
package demo

import "time"

// Scrape is the time between two samples of a series.
const Scrape = time.Minute

// Version changes whenever a sample does, so that history kept from an earlier
// generator is made anew.
const Version = 2
