#include "cli/subcommands/subcommands.h"

namespace nopo {

int RunVersion(const Invocation& invocation) {
  PrintResult(invocation, "nopo " NOPO_VERSION);
  return 0;
}

}  // namespace nopo
