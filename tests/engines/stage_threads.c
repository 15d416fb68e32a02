// SPDX-License-Identifier: LGPL-2.1-or-later
// stage_threads.c - a process of many threads that begin and end all the time; when a byte (or the end) comes on its
// standard input, a thread that is not the first executes the program that the arguments say.
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#define THREADS 8

static void *
thread_end(void *unused) {
  return unused;
}

static void *
thread_work(void *unused) {
  for (;;) {
    pthread_t other;
    if (pthread_create(&other, NULL, thread_end, NULL) == 0)
      pthread_join(other, NULL);
  }
  return unused;
}

static void *
thread_execute(void *arguments) {
  char **words = arguments, byte;
  if (read(STDIN_FILENO, &byte, 1) >= 0)
    execv(words[0], words);
  perror("stage_threads");
  _exit(1);
}

int
main(int argc, char **argv) {
  pthread_t thread;
  if (argc < 2)
    return 2;
  for (int i = 0; i < THREADS; i++)
    if (pthread_create(&thread, NULL, thread_work, NULL) != 0)
      return 2;
  if (pthread_create(&thread, NULL, thread_execute, argv + 1) != 0)
    return 2;
  for (;;)
    pause();
}
