// Package screentest is what tests need that have to do with a screen: a real X display of their own with
// real programs on it, and a Capturer and an Injector that are only memory.
//
//	d := screentest.Start(t, 1280, 800)         // Xvfb, gone when the test ends
//	d.Run("xterm", "-u8")                        // dies with the test
//	d.Xdotool("mousemove", "10", "20")
//	img := d.Pixels()
//
// Programs that are not installed fail the test; nothing is skipped.
package screentest
