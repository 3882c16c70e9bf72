// What tests need of the Docker Engine API and nopo does not.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "daemon/docker/http_client.h"

namespace nopo {

// Gives the image `source` the further name `repository:tag`; OK also when it has it.
inline absl::Status TagImage(const Endpoint& engine, const std::string& source,
                             const std::string& reference) {
  const size_t colon = reference.rfind(':');
  const std::string target =
      absl::StrCat("/images/", source, "/tag?repo=", reference.substr(0, colon),
                   "&tag=", reference.substr(colon + 1));
  HttpClient client(engine);
  const absl::StatusOr<HttpResponse> answer =
      client.Send({.method = "POST", .target = target}, Cancellation());
  if (!answer.ok()) return answer.status();
  return answer->status == 201 ? absl::OkStatus() : absl::UnknownError(answer->body);
}

}  // namespace nopo
