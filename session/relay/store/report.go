package store

import (
	"context"
	"fmt"
	"time"
)

// ReportRow is what an operator did on one day (UTC).
type ReportRow struct {
	Day      time.Time // its beginning
	User     string
	Sessions int           // started
	Joined   int           // of these, somebody joined
	Length   time.Duration // of those together; one that still runs counts until now
	Longest  time.Duration
}

// Report returns what operators did from a day to another one, the latest day first; user "" means everybody.
func (s *DB) Report(ctx context.Context, user string, from, until, now time.Time) ([]ReportRow, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT day, user_name, count(*), CAST(sum(joined) AS BIGINT), CAST(sum(length) AS BIGINT), max(length) FROM (
			SELECT created_ms / 86400000 AS day, user_name,
				CASE WHEN joined_ms > 0 THEN 1 ELSE 0 END AS joined,
				CASE WHEN joined_ms = 0 THEN 0 WHEN ended_ms > 0 THEN ended_ms - joined_ms ELSE ? - joined_ms END AS length
			FROM session WHERE (? = '' OR user_name = ?) AND created_ms >= ? AND created_ms < ?
		) AS each_session GROUP BY day, user_name ORDER BY day DESC, user_name`,
		ms(now), user, user, ms(from), ms(until))
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	defer rows.Close()
	var all []ReportRow
	for rows.Next() {
		var r ReportRow
		var day, length, longest int64
		if err := rows.Scan(&day, &r.User, &r.Sessions, &r.Joined, &length, &longest); err != nil {
			return nil, fmt.Errorf("report: %w", err)
		}
		r.Day = time.UnixMilli(day * 86_400_000).UTC()
		r.Length, r.Longest = time.Duration(length)*time.Millisecond, time.Duration(longest)*time.Millisecond
		all = append(all, r)
	}
	return all, rows.Err()
}
