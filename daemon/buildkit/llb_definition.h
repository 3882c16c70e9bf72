// The steps of a build, as a frontend makes them of a Dockerfile.
#pragma once

#include <optional>
#include <string>

namespace pb {
class Definition;
}

namespace nopo {

// `definition` with its directories taken from session `session_id` instead of the one that it was
// made for. A step is known by a digest of what it says, so that all steps after such a one are
// renamed. None when it is not understood.
std::optional<pb::Definition> OnSession(const pb::Definition& definition,
                                        const std::string& session_id);

}  // namespace nopo
