// Turns a command line of nopo.yml into what a container is told to run.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nopo {

// The words of `line`, split and unquoted as a shell does, so that the program is the container's
// first process and gets its signals; {"/bin/sh", "-c", line} when only a shell can carry it out:
// operators, expansions, globs, assignments, built-ins, unbalanced quotes.
std::vector<std::string> ContainerCommand(absl::string_view line);

}  // namespace nopo
