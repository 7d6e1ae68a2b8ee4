package screen

// Obstacle is an error that says what a system does not let a program do, by a name that programs can show in the
// language of whoever reads it.
type Obstacle struct {
	Name     string // one of the constants below
	Sentence string // in English, beginning with a small letter, with what to do where anything can be done
}

func (o *Obstacle) Error() string { return o.Sentence }

// The names of obstacles.
const (
	ObstacleWayland   = "wayland"     // the session is Wayland's
	ObstacleHeadless  = "headless"    // there is no graphical session
	ObstacleXTest     = "xtest"       // the X server lets no program control it
	ObstacleMacScreen = "mac_screen"  // macOS has not allowed Screen Recording
	ObstacleMacHands  = "mac_control" // macOS has not allowed Accessibility
	ObstacleMacWatch  = "mac_watch"   // macOS has not allowed Input Monitoring
)

// ObstacleReporter is what an Injector may be as well when something can come in its way while it is in use.
type ObstacleReporter interface {
	// Blocked tells whether what is injected now would not arrive, because the window in front belongs to a program
	// with more rights than this one.
	Blocked() bool
}
