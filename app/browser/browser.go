// Package browser tests a relay's web pages as people use them: the built relay, a real browser, real downloads, and
// the customer's program started from the file that the browser saved. "make test-pages" runs it; it needs Debian's
// chromium and the file axe.min.js of the npm package axe-core, which checks pages for accessibility.
package browser
