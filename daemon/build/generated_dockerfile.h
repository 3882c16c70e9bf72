// The Dockerfiles that nopo writes where a project has none: the base image from `os:` and a
// service's from `build:`.
//
// They keep to what engine 20.10 reads: no here-documents, no mounts. Commands stand in the JSON
// form, so that quotes, newlines and backslashes of nopo.yml reach the shell unharmed.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/project/project.h"

namespace nopo {

// An image with the OS packages, a user `uid`:`gid` with a home (unless the image has that id) and
// /app and /cache that belong to it. Containers run as that user in /app.
std::string BaseDockerfile(const BaseImage& os);

// Two stages on `base_tag`: the first has the whole context in /app and runs build.command as root;
// the second takes only build.output from it, readable and writable for the containers' user.
//
// Errors: INVALID_ARGUMENT (CONFIGURATION) for a build.env value of several lines.
absl::StatusOr<std::string> ServiceDockerfile(const Project& project, const Target& service,
                                              absl::string_view base_tag);

}  // namespace nopo
