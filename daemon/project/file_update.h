// Changes a text file that others may be changing too.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/cancellation.h"

namespace nopo {

// From a file's text ("" when there is no file) to what it should be; empty = leave it. Called
// again whenever the file turns out to have changed meanwhile; the last call's text is what was
// written. An error of it ends the update.
using TextChange = std::function<absl::StatusOr<std::optional<std::string>>(const std::string&)>;

// Replaces the file at `path` by what `change` makes of it, all at once: whoever reads, and
// whatever dies, sees the old file or the new one. Symbolic links are written through, the mode is
// kept, and so is the owner where that is allowed; a new file gets what `umask` leaves of 0666. A
// file that needs no change is not touched.
//
// Updates by any number of processes come one after the other: each locks a scratch file beside the
// target ("NAME.nopo~"), which becomes the target. One that a dead process left is used again. An
// edit by somebody who takes no lock is seen up to the moment of replacing, and starts anew.
//
// Errors: as ReadTextFile, saying what is wrong but not which file; PERMISSION_DENIED (PERMISSION)
// when it may not be written, FAILED_PRECONDITION (CONFIGURATION) when it cannot be for another
// reason; CANCELLED while waiting for another process; those of `change`.
absl::Status UpdateTextFile(const std::filesystem::path& path, mode_t umask,
                            const TextChange& change, const Cancellation& cancellation);

}  // namespace nopo
