//go:build cgo

#import <Cocoa/Cocoa.h>
#import <QuartzCore/QuartzCore.h>

#include "overlay_darwin.h"

extern void handrailOverlayPointer(uintptr_t handle, int x, int y, int button, int pressed);

// How long the main thread may take: nobody runs it any more when the program ends.
static const int64_t patience = 2 * (int64_t)NSEC_PER_SEC;

// What is drawn lies over menus; windows of this program that stay on top lie over what is drawn; and the windows that take
// the pointer lie below these, but over all other programs' windows.
enum {
	levelOwn = 103,   // NSPopUpMenuWindowLevel is 101
	levelDrawn = 102,
	levelTaker = 2,   // NSFloatingWindowLevel is 3
};

static int onMain(void (^what)(void)) {
	if ([NSThread isMainThread]) {
		what();
		return 1;
	}
	dispatch_semaphore_t done = dispatch_semaphore_create(0);
	dispatch_async(dispatch_get_main_queue(), ^{
		what();
		dispatch_semaphore_signal(done);
	});
	return dispatch_semaphore_wait(done, dispatch_time(DISPATCH_TIME_NOW, patience)) == 0;
}

// The whole desktop as the capture has it: the smallest rectangle around all screens, from the top left.
static NSRect desktopFrame(void) {
	NSRect all = NSZeroRect;
	for (NSScreen *screen in [NSScreen screens])
		all = NSUnionRect(all, [screen frame]);
	return all;
}

// HandrailTaker is the inside of a window that takes the pointer.
@interface HandrailTaker : NSView
@property uintptr_t handle;
@end

@implementation HandrailTaker

- (BOOL)acceptsFirstMouse:(NSEvent *)event {
	return YES;
}

- (void)resetCursorRects {
	[self addCursorRect:[self bounds] cursor:[NSCursor crosshairCursor]];
}

- (void)updateTrackingAreas {
	[super updateTrackingAreas];
	for (NSTrackingArea *area in [[self trackingAreas] copy])
		[self removeTrackingArea:area];
	NSTrackingAreaOptions options = NSTrackingMouseMoved | NSTrackingActiveAlways | NSTrackingInVisibleRect;
	[self addTrackingArea:[[NSTrackingArea alloc] initWithRect:[self bounds] options:options owner:self userInfo:nil]];
}

- (void)tell:(int)button pressed:(int)pressed {
	NSPoint at = [NSEvent mouseLocation];
	NSRect all = desktopFrame();
	handrailOverlayPointer(self.handle, (int)floor(at.x - NSMinX(all)), (int)floor(NSMaxY(all) - at.y), button, pressed);
}

- (void)mouseMoved:(NSEvent *)event {
	[self tell:0 pressed:0];
}
- (void)mouseDragged:(NSEvent *)event {
	[self tell:0 pressed:0];
}
- (void)mouseDown:(NSEvent *)event {
	[self tell:1 pressed:1];
}
- (void)mouseUp:(NSEvent *)event {
	[self tell:1 pressed:0];
}
- (void)rightMouseDown:(NSEvent *)event {
	[self tell:3 pressed:1];
}
- (void)rightMouseUp:(NSEvent *)event {
	[self tell:3 pressed:0];
}
- (void)otherMouseDown:(NSEvent *)event {
	[self tell:2 pressed:1];
}
- (void)otherMouseUp:(NSEvent *)event {
	[self tell:2 pressed:0];
}

@end

// HandrailSurface has a pair of windows for each screen. Everything happens on the main thread.
@interface HandrailSurface : NSObject
@property uintptr_t handle;
@property(strong) NSMutableArray<NSWindow *> *drawn;
@property(strong) NSMutableArray<NSWindow *> *takers;
@property BOOL shown;
@property BOOL takes;
@end

@implementation HandrailSurface

- (NSWindow *)windowOn:(NSScreen *)screen {
	NSWindow *window = [[NSWindow alloc] initWithContentRect:[screen frame]
	                                               styleMask:NSWindowStyleMaskBorderless
	                                                 backing:NSBackingStoreBuffered
	                                                   defer:NO];
	[window setReleasedWhenClosed:NO];
	[window setOpaque:NO];
	[window setHasShadow:NO];
	[window setAnimationBehavior:NSWindowAnimationBehaviorNone];
	[window setCollectionBehavior:NSWindowCollectionBehaviorCanJoinAllSpaces | NSWindowCollectionBehaviorStationary |
	                              NSWindowCollectionBehaviorFullScreenAuxiliary | NSWindowCollectionBehaviorIgnoresCycle];
	[window setFrame:[screen frame] display:NO];
	return window;
}

// makeWindows makes windows for the screens as they are now.
- (void)makeWindows {
	[self closeWindows];
	for (NSScreen *screen in [NSScreen screens]) {
		NSWindow *drawn = [self windowOn:screen];
		[drawn setBackgroundColor:[NSColor clearColor]];
		[drawn setIgnoresMouseEvents:YES];
		[drawn setLevel:levelDrawn];
		[[drawn contentView] setWantsLayer:YES];
		[self.drawn addObject:drawn];

		NSWindow *taker = [self windowOn:screen];
		[taker setBackgroundColor:[NSColor colorWithWhite:0 alpha:0.005]]; // without any, clicks would go through
		[taker setIgnoresMouseEvents:NO];
		[taker setLevel:levelTaker];
		HandrailTaker *inside = [[HandrailTaker alloc] initWithFrame:[[taker contentView] bounds]];
		inside.handle = self.handle;
		[taker setContentView:inside];
		[self.takers addObject:taker];
	}
	if (self.takes)
		[self take:YES];
}

- (void)closeWindows {
	for (NSWindow *window in self.drawn)
		[window close];
	for (NSWindow *window in self.takers)
		[window close];
	[self.drawn removeAllObjects];
	[self.takers removeAllObjects];
	self.shown = NO;
}

// show gives each window its part of the picture, which is as large as the desktop.
- (void)show:(CGImageRef)picture {
	NSRect all = desktopFrame();
	CGFloat scale = CGImageGetWidth(picture) / NSWidth(all);
	[CATransaction begin];
	[CATransaction setDisableActions:YES];
	for (NSWindow *window in self.drawn) {
		NSRect part = [window frame];
		CALayer *layer = [[window contentView] layer];
		layer.contentsGravity = kCAGravityResize;
		// Pictures are counted from the top left, screens from the bottom left.
		CGRect pixels = CGRectMake((NSMinX(part) - NSMinX(all)) * scale, (NSMaxY(all) - NSMaxY(part)) * scale,
			NSWidth(part) * scale, NSHeight(part) * scale);
		CGImageRef piece = CGImageCreateWithImageInRect(picture, pixels);
		layer.contents = (__bridge_transfer id)piece;
		if (!self.shown)
			[window orderFrontRegardless];
	}
	[CATransaction commit];
	[CATransaction flush];
	self.shown = YES;
	[self keepOwnOnTop];
}

// keepOwnOnTop has nothing that is drawn hide this program's windows that stay on top: who is watching, and how to stop that.
- (void)keepOwnOnTop {
	for (NSWindow *window in [NSApp windows])
		if ([window level] == NSFloatingWindowLevel)
			[window setLevel:levelOwn];
}

- (void)hide {
	for (NSWindow *window in self.drawn) {
		[window orderOut:nil];
		[[window contentView] layer].contents = nil;
	}
	self.shown = NO;
}

- (void)take:(BOOL)take {
	self.takes = take;
	for (NSWindow *window in self.takers) {
		if (take)
			[window orderFrontRegardless];
		else
			[window orderOut:nil];
	}
	if (take)
		[self keepOwnOnTop];
}

@end

// The surfaces that are open, by their handles; only on the main thread.
static NSMutableDictionary<NSNumber *, HandrailSurface *> *surfaces;

static HandrailSurface *surfaceOf(uintptr_t handle) {
	return surfaces[@(handle)];
}

int handrailOverlayOpen(uintptr_t handle) {
	return onMain(^{
		if (surfaces == nil)
			surfaces = [NSMutableDictionary dictionary];
		HandrailSurface *surface = [[HandrailSurface alloc] init];
		surface.handle = handle;
		surface.drawn = [NSMutableArray array];
		surface.takers = [NSMutableArray array];
		surfaces[@(handle)] = surface;
		[surface makeWindows];
	});
}

int handrailOverlayResize(uintptr_t handle, int width, int height) {
	return onMain(^{
		[surfaceOf(handle) makeWindows];
	});
}

int handrailOverlayShow(uintptr_t handle, const void *pixels, int width, int height, int stride) {
	// A copy of its own: the main thread may come to it after this call has given up.
	CFDataRef data = CFDataCreate(NULL, pixels, (CFIndex)stride * height);
	CGDataProviderRef provider = CGDataProviderCreateWithCFData(data);
	CGColorSpaceRef space = CGColorSpaceCreateWithName(kCGColorSpaceSRGB);
	CGImageRef picture = CGImageCreate(width, height, 8, 32, stride, space,
		kCGBitmapByteOrderDefault | kCGImageAlphaPremultipliedLast, provider, NULL, false, kCGRenderingIntentDefault);
	CGColorSpaceRelease(space);
	CGDataProviderRelease(provider);
	CFRelease(data);
	if (picture == NULL)
		return 0;
	return onMain(^{
		[surfaceOf(handle) show:picture];
		CGImageRelease(picture);
	});
}

int handrailOverlayHide(uintptr_t handle) {
	return onMain(^{
		[surfaceOf(handle) hide];
	});
}

int handrailOverlayTake(uintptr_t handle, int take) {
	return onMain(^{
		[surfaceOf(handle) take:take != 0];
	});
}

int handrailOverlayClose(uintptr_t handle) {
	return onMain(^{
		[surfaceOf(handle) closeWindows];
		[surfaces removeObjectForKey:@(handle)];
	});
}
