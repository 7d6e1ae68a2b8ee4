// Where a monitor is drawn on, by DXGI's desktop duplication (dxgi1_2.h). Each output is used by one thread at a time.
#ifndef HANDRAIL_DUPLICATION_H
#define HANDRAIL_DUPLICATION_H

#include <windows.h>
#define COBJMACROS
#include <d3d11.h>
#include <dxgi1_2.h>

enum { most_dirty = 256, most_moves = 64 };

// output is one monitor that is duplicated, and what has been drawn on it. Rectangles are in the monitor's own picture, as
// if it were not turned.
typedef struct {
	ID3D11Device *device;
	IDXGIOutputDuplication *duplication;
	BOOL holds; // a frame, which is given back before the next is asked for

	UINT width, height; // pixels of the own picture
	DXGI_MODE_ROTATION rotation;

	BOOL whole; // all of it may have been drawn on; the lists are empty
	UINT dirty, moves;
	RECT dirty_rects[most_dirty];
	DXGI_OUTDUPL_MOVE_RECT move_rects[most_moves];
} output;

// duplicate_output begins with the monitor that is at a place of the desktop. DXGI_ERROR_NOT_FOUND: there is none.
// ERROR_MOD_NOT_FOUND or ERROR_PROC_NOT_FOUND as an HRESULT: this Windows has no DXGI.
HRESULT duplicate_output(const RECT *at, output **made);

// next_frame waits until something is drawn, for so many milliseconds at most, and says what.
HRESULT next_frame(output *o, UINT timeout);

void end_output(output *o);

#endif
