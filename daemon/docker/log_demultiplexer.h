// Takes apart the frames in which the engine sends stdout and stderr over one connection.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "daemon/docker/docker_engine.h"

namespace nopo {

// A frame is 8 bytes (stream, 0, 0, 0, length in big-endian order) and then `length` bytes. The
// output of a container with a terminal comes without frames.
class LogDemultiplexer {
 public:
  // `output` gets each piece as soon as it is there; frames may arrive in several.
  LogDemultiplexer(bool tty, const OutputHandler& output) : tty_(tty), output_(output) {}

  // Errors: INTERNAL (ENGINE_FAILED) for the engine's own message in the stream, or for bytes that
  // are no frame. Nothing more can be fed then.
  absl::Status Feed(absl::string_view bytes);

 private:
  absl::Status BeginFrame();
  absl::Status TakePayload(absl::string_view piece);

  const bool tty_;
  const OutputHandler& output_;
  std::array<unsigned char, 8> header_{};
  size_t header_size_ = 0;      // How much of header_ has come.
  uint32_t payload_left_ = 0;   // Bytes of the present frame that have not come yet.
  std::string engine_message_;  // The present frame, if it is the engine's own.
};

}  // namespace nopo
