// What `nopo list` prints. Every text ends with a line's end.
#pragma once

#include <string>
#include <vector>

#include "daemon/project/image_names.h"
#include "daemon/project/project.h"

namespace nopo {

// The object of behaviour section 4, indented by two spaces. Its keys are an API: they are only
// ever added to. `image` is empty for packages and the root.
std::string ListJson(const Project& project, const std::vector<const Target*>& targets,
                     const ImageNames& names);
// Ids, comma-separated, on one line.
std::string ListCsv(const std::vector<const Target*>& targets);
// A table for people, with a line "Total: N service(s)" that counts all of `targets`.
std::string ListTable(const std::vector<const Target*>& targets);

}  // namespace nopo
