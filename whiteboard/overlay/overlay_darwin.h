#include <stdint.h>

// Each returns 1 when it has been done on the main thread, 0 when that does not answer.
int handrailOverlayOpen(uintptr_t handle);
int handrailOverlayResize(uintptr_t handle, int width, int height);
int handrailOverlayShow(uintptr_t handle, const void *pixels, int width, int height, int stride);
int handrailOverlayHide(uintptr_t handle);
int handrailOverlayTake(uintptr_t handle, int take);
int handrailOverlayClose(uintptr_t handle);
