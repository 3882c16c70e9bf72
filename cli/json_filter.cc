#include "cli/json_filter.h"

#include <filesystem>

#include "cli/companion_program.h"
#include "cli/pipe_through.h"
#include "common/status_macros.h"

namespace nopo {

absl::StatusOr<int> FilterJson(const std::string& filter, absl::string_view json) {
  NOPO_ASSIGN_OR_RETURN(const std::filesystem::path program,
                        FindCompanionProgram("nopo-jq", ReadProcessEnvironment));
  return PipeThrough({program.string(), filter}, json);
}

}  // namespace nopo
