// The three streams that a process is started with.
#pragma once

namespace nopo {

// Opens /dev/null for each of descriptors 0 to 2 that is closed: whatever got its number next would
// be written to as if it were the stream. Call it before anything else is opened.
void OpenStandardStreams();

}  // namespace nopo
