#include "daemon/docker/log_demultiplexer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "common/error.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

std::string Frame(char stream, const std::string& payload) {
  std::string frame(8, '\0');
  frame[0] = stream;
  frame[6] = static_cast<char>(payload.size() >> 8);
  frame[7] = static_cast<char>(payload.size() & 0xff);
  return frame + payload;
}

// Collects what comes out; joins neighbours of one stream.
class Collector {
 public:
  const OutputHandler handler = [this](ContainerStream stream, absl::string_view data) {
    if (pieces.empty() || pieces.back().first != stream) pieces.emplace_back(stream, "");
    pieces.back().second += std::string(data);
  };
  std::vector<std::pair<ContainerStream, std::string>> pieces;
};

TEST(LogDemultiplexerTest, TellsStdoutFromStderr) {
  Collector collector;
  LogDemultiplexer demultiplexer(/*tty=*/false, collector.handler);

  EXPECT_TRUE(demultiplexer.Feed(Frame(1, "out\n") + Frame(2, "err\n")).ok());

  EXPECT_THAT(collector.pieces, ElementsAre(Pair(ContainerStream::kStdout, "out\n"),
                                            Pair(ContainerStream::kStderr, "err\n")));
}

TEST(LogDemultiplexerTest, DoesNotCareHowBytesAreCutUp) {
  Collector collector;
  LogDemultiplexer demultiplexer(/*tty=*/false, collector.handler);
  const std::string large(300, 'x');

  for (const char byte : Frame(1, large) + Frame(1, "") + Frame(2, "y")) {
    EXPECT_TRUE(demultiplexer.Feed(std::string(1, byte)).ok());
  }

  EXPECT_THAT(collector.pieces, ElementsAre(Pair(ContainerStream::kStdout, large),
                                            Pair(ContainerStream::kStderr, "y")));
}

TEST(LogDemultiplexerTest, HandsOnAPieceBeforeItsFrameIsComplete) {
  Collector collector;
  LogDemultiplexer demultiplexer(/*tty=*/false, collector.handler);

  EXPECT_TRUE(demultiplexer.Feed(Frame(1, "a prompt that waits").substr(0, 16)).ok());

  EXPECT_THAT(collector.pieces, ElementsAre(Pair(ContainerStream::kStdout, "a prompt")));
}

TEST(LogDemultiplexerTest, TakesATerminalsOutputAsItIs) {
  Collector collector;
  LogDemultiplexer demultiplexer(/*tty=*/true, collector.handler);

  EXPECT_TRUE(demultiplexer.Feed("\x01 raw\r\n").ok());

  EXPECT_THAT(collector.pieces, ElementsAre(Pair(ContainerStream::kStdout, "\x01 raw\r\n")));
}

TEST(LogDemultiplexerTest, ReportsTheEnginesOwnMessage) {
  Collector collector;
  LogDemultiplexer demultiplexer(/*tty=*/false, collector.handler);

  const absl::Status status = demultiplexer.Feed(Frame(3, "log file is gone\n"));

  EXPECT_EQ(status.message(), "log file is gone");
  EXPECT_EQ(ReasonOf(status), Reason::kEngineFailed);
}

TEST(LogDemultiplexerTest, RefusesWhatIsNoFrame) {
  Collector collector;
  LogDemultiplexer demultiplexer(/*tty=*/false, collector.handler);

  EXPECT_TRUE(absl::IsInternal(demultiplexer.Feed("plain text")));
}

}  // namespace
}  // namespace nopo
